using BenchmarkDotNet.Running;
using RatIlgpu.Benchmarks;

// BenchmarkDotNet refuses options that it does not know.
const string Quick = "--quick";
BenchmarkSwitcher.FromAssembly(typeof(Kernel).Assembly)
    .Run([.. args.Where(arg => arg != Quick)], new KernelConfig(args.Contains(Quick)));
