using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;

namespace RatIlgpu.Benchmarks;

/// <summary>A loop over one row, against the same of System.Numerics.Tensors, which uses the widest vectors whatever
/// the level.</summary>
public abstract class RowKernel : Kernel
{
    [Params(896, 2048, 4864)]
    public int Length { get; set; }

    private protected Simd Simd { get; } = Loops;
}
