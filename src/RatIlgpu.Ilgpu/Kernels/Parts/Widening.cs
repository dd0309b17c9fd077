namespace RatIlgpu.Ilgpu;

/// <summary>How a stored weight becomes F32 in a register; a kernel is compiled anew for each.</summary>
/// <typeparam name="TStored">What the weight lies in.</typeparam>
interface IWidening<TStored>
    where TStored : unmanaged
{
    float Widen(TStored stored);
}

/// <summary>The same for four weights that one instruction loads.</summary>
/// <typeparam name="TFour">What the four lie in.</typeparam>
interface IFourWidening<TFour>
    where TFour : unmanaged
{
    Float4 WidenFour(TFour stored);
}

readonly struct FromF32 : IWidening<float>, IFourWidening<Float4>
{
    public float Widen(float stored) => stored;

    public Float4 WidenFour(Float4 stored) => stored;
}

readonly struct FromBF16 : IWidening<ushort>, IFourWidening<UShort4>
{
    public float Widen(ushort stored) => Interop.IntAsFloat((uint)stored << 16);

    public Float4 WidenFour(UShort4 stored) =>
        new() { X = Widen(stored.X), Y = Widen(stored.Y), Z = Widen(stored.Z), W = Widen(stored.W) };
}

/// <summary>Widens IEEE 754 binary16 by integer steps: not every OpenCL device has halves, and some flush subnormal
/// floats.</summary>
readonly struct FromF16 : IWidening<ushort>, IFourWidening<UShort4>
{
    const float SmallestSubnormal = 5.9604644775390625e-8f;

    public float Widen(ushort stored)
    {
        var magnitude = (uint)stored & 0x7FFFu;
        var rebased = (magnitude << 13) + (magnitude < 0x7C00u ? 0x38000000u : 0x70000000u);
        var bits = magnitude < 0x400u ? Interop.FloatAsInt((int)magnitude * SmallestSubnormal) : rebased;
        return Interop.IntAsFloat(bits | ((uint)stored & 0x8000u) << 16);
    }

    public Float4 WidenFour(UShort4 stored) =>
        new() { X = Widen(stored.X), Y = Widen(stored.Y), Z = Widen(stored.Z), W = Widen(stored.W) };
}
