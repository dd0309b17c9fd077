using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary><c>result = gain·x / sqrt(mean(x²) + epsilon)</c>.</summary>
public unsafe class RmsNorm : RowKernel
{
    const float Epsilon = 1e-6f;

    HostTensor x = null!;
    HostTensor gain = null!;
    HostTensor result = null!;

    public override void Prepare() =>
        (x, gain, result) = (Random(DataType.F32, Length), Random(DataType.F32, Length), Scratch(Length));

    [Benchmark]
    public void Ours() => new RmsNormWork(
        Simd, Matrix.Packed((float*)x.Data, Length), (float*)gain.Data, Epsilon,
        Matrix.Packed((float*)result.Data, Length), 1, Length).Do(0, 1);

    [Benchmark(Baseline = true)]
    public void Primitives()
    {
        var normed = result.Floats;
        var scale = 1 / MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(x.Floats) / Length + Epsilon);
        TensorPrimitives.Multiply(x.Floats, scale, normed);
        TensorPrimitives.Multiply<float>(normed, gain.Floats, normed);
    }
}
