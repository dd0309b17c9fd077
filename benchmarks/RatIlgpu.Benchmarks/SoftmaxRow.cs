using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>A row of scores to probabilities, in place.</summary>
public unsafe class SoftmaxRow : RowKernel
{
    HostTensor x = null!;
    PatternRows rows;

    public override void Prepare()
    {
        x = Random(DataType.F32, Length);
        rows = new PatternRows(Simd, Own(new VisibleRange(Visibility.Causal, 1, Length)));
    }

    [Benchmark]
    public bool Ours() => rows.TrySoftmax((float*)x.Data, 0);

    [Benchmark(Baseline = true)]
    public void Primitives()
    {
        // Its softmax subtracts no maximum, and overflows without.
        var row = x.Floats;
        TensorPrimitives.Subtract(row, TensorPrimitives.Max<float>(row), row);
        TensorPrimitives.SoftMax<float>(row, row);
    }

    [Benchmark]
    public void PrimitivesStepByStep()
    {
        var row = x.Floats;
        TensorPrimitives.Subtract(row, TensorPrimitives.Max<float>(row), row);
        TensorPrimitives.Exp<float>(row, row);
        TensorPrimitives.Multiply(row, 1 / TensorPrimitives.Sum<float>(row), row);
    }
}
