using BenchmarkDotNet.Running;
using RatIlgpu.Benchmarks;

if (args is ["traces", ..])
{
    TraceBatches.Run(args.AsSpan(1));
    return;
}

if (args is ["forward", var folder, var tokens])
{
    ForwardAlone.Run(folder, tokens);
    return;
}

if (args is ["flow", var flowing, var count, var threads, ..])
{
    FlowTiming.Run(flowing, count, threads, args.ElementAtOrDefault(4));
    return;
}

if (args is ["heads", var checkpoint, var share, ..])
{
    HeadScoring.Run(checkpoint, share, args.ElementAtOrDefault(3));
    return;
}

if (args is ["ablate", var ablated, var samples, var file, ..])
{
    AblationTiming.Run(ablated, samples, file, args.ElementAtOrDefault(4));
    return;
}

// BenchmarkDotNet refuses options that it does not know.
const string Quick = "--quick";
BenchmarkSwitcher.FromAssembly(typeof(Kernel).Assembly)
    .Run([.. args.Where(arg => arg != Quick)], new KernelConfig(args.Contains(Quick)));
