using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;

namespace RatIlgpu.Benchmarks;

/// <summary>Handing work that is nothing to as many threads as there are cores.</summary>
public class Dispatch : Kernel
{
    WorkerPool pool = null!;

    public override int Threads { get; set; } = Environment.ProcessorCount;

    public override void Prepare() => pool = Own(new WorkerPool(Threads));

    [Benchmark]
    public void Pool() => pool.Run(static _ => { });

    [Benchmark(Baseline = true)]
    public void ParallelFor() => Parallel.For(0, Threads, static _ => { });
}
