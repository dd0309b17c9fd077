using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary><c>result = silu(gate)·up</c>.</summary>
public unsafe class SwiGlu : RowKernel
{
    HostTensor gate = null!;
    HostTensor up = null!;
    HostTensor result = null!;

    public override void Prepare() =>
        (gate, up, result) = (Random(DataType.F32, Length), Random(DataType.F32, Length), Scratch(Length));

    [Benchmark]
    public void Ours() => Simd.SwiGlu((float*)gate.Data, (float*)up.Data, (float*)result.Data, Length);

    [Benchmark(Baseline = true)]
    public void Primitives()
    {
        var gated = result.Floats;
        TensorPrimitives.Sigmoid<float>(gate.Floats, gated);
        TensorPrimitives.Multiply<float>(gated, gate.Floats, gated);
        TensorPrimitives.Multiply<float>(gated, up.Floats, gated);
    }
}
