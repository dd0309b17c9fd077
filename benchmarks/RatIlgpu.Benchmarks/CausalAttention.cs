using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>The attention of one layer: streamed, and in three steps that hold the whole pattern.</summary>
public class CausalAttention : Kernel
{
    const int Heads = 14;
    const int KeyHeads = 2;
    const int HeadSize = 64;

    CpuDevice device = null!;
    Tensor query = null!;
    Tensor key = null!;
    Tensor value = null!;
    Tensor pattern = null!;
    Tensor mixed = null!;

    [Params(1, 2)]
    public override int Threads { get; set; }

    [Params(128, 512, 2048)]
    public int Tokens { get; set; }

    /// <summary>Those of the keys that are seen; what the three steps do for the others does not count.</summary>
    public override double Operations => 4.0 * Heads * HeadSize * Tokens * (Tokens + 1) / 2;

    public override void Prepare()
    {
        device = Own(new CpuDevice(Threads, Level));
        query = Random(DataType.F32, Tokens, Heads, HeadSize);
        key = Random(DataType.F32, Tokens, KeyHeads, HeadSize);
        value = Random(DataType.F32, Tokens, KeyHeads, HeadSize);
        (pattern, mixed) = (Scratch(Heads, Tokens, Tokens), Scratch(Tokens, Heads, HeadSize));
    }

    [Benchmark]
    public void Streamed() => device.Attend(query, key, value, Visibility.Causal, mixed);

    [Benchmark(Baseline = true)]
    public void ThreeSteps()
    {
        device.Scores(query, key, pattern);
        device.CausalSoftmax(pattern, Visibility.Causal, pattern);
        device.Mix(pattern, value, mixed);
    }
}
