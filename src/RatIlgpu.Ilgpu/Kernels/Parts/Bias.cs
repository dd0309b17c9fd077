namespace RatIlgpu.Ilgpu;

/// <summary>One number for each output of a product, stored as F32, F16 or BF16; the default is 0 for each. Part of a
/// parameter of kernels: a branch in a kernel's last lines costs less than a kernel for each data type.</summary>
struct Bias
{
    ArrayView<float> floats;
    ArrayView<ushort> halves;
    int isF16;

    /// <summary>Makes a bias from a tensor of an accelerator; null for none.</summary>
    public static Bias Of(IlgpuTensor? bias) => bias is null
        ? new() { floats = ArrayView<float>.Empty, halves = ArrayView<ushort>.Empty }
        : bias.DataType == DataType.F32
            ? new() { floats = bias.As<float>(), halves = ArrayView<ushort>.Empty }
            : new()
            {
                floats = ArrayView<float>.Empty,
                halves = bias.As<ushort>(),
                isF16 = bias.DataType == DataType.F16 ? 1 : 0,
            };

    /// <summary>The number of an output.</summary>
    public readonly float At(int output)
    {
        if (floats.Length != 0)
            return floats[output];
        if (halves.Length == 0)
            return 0f;
        var stored = halves[output];
        return isF16 != 0 ? default(FromF16).ToF32(stored) : default(FromBF16).ToF32(stored);
    }
}
