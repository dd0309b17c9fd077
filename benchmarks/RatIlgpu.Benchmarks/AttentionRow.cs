using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>One row of attention over all heads, as a search asks for it: the last query of a prompt.</summary>
public class AttentionRow : Kernel
{
    const int Heads = 14;
    const int KeyHeads = 2;
    const int HeadSize = 64;

    CpuDevice device = null!;
    Tensor query = null!;
    Tensor key = null!;
    Tensor row = null!;

    [Params(128, 512, 2048, 8192)]
    public int Keys { get; set; }

    /// <summary>Those of the scores; the exponentials come on top.</summary>
    public override double Operations => 2.0 * Heads * HeadSize * Keys;

    public override void Prepare()
    {
        device = Own(new CpuDevice(Threads, Level));
        query = Random(DataType.F32, 1, Heads, HeadSize);
        (key, row) = (Random(DataType.F32, Keys, KeyHeads, HeadSize), Scratch(1, Keys));
    }

    [Benchmark]
    public void Mean() => device.AggregatePattern(query, key, Visibility.Causal, HeadAggregation.Mean, [0], row);

    [Benchmark]
    public void Max() => device.AggregatePattern(query, key, Visibility.Causal, HeadAggregation.Max, [0], row);
}
