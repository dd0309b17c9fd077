namespace RatIlgpu.Ilgpu;

/// <summary>Two pairs of BF16 numbers that one instruction loads.</summary>
struct UInt2
{
    public uint X;
    public uint Y;
}
