using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary><c>x = e^(x − shift)</c> and the sum of these.</summary>
public unsafe class Exponentials : RowKernel
{
    // Done again and again in place, it settles at a number between 0 and 1.
    const float Shift = 2;

    HostTensor x = null!;

    public override void Prepare() => x = Random(DataType.F32, Length);

    [Benchmark]
    public float Ours() => Simd.Exponentials((float*)x.Data, Shift, Length);

    [Benchmark(Baseline = true)]
    public float Primitives()
    {
        var row = x.Floats;
        TensorPrimitives.Subtract(row, Shift, row);
        TensorPrimitives.Exp(row, row);
        return TensorPrimitives.Sum(row);
    }
}
