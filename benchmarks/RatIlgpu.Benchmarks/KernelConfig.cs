using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace RatIlgpu.Benchmarks;

/// <summary>How the kernels are timed: in this process, so that the peak beside them is that of the same moment.
/// </summary>
sealed class KernelConfig : ManualConfig
{
    /// <summary>Makes a configuration.</summary>
    /// <param name="quick">Whether to time only a few short iterations.</param>
    public KernelConfig(bool quick)
    {
        // A second of warm-up: until then the runtime may not have compiled for the second time what it runs.
        AddJob((quick ? Job.ShortRun.WithWarmupCount(10) : Job.Default.WithWarmupCount(5).WithIterationCount(15))
            .WithIterationTime(TimeInterval.FromMilliseconds(quick ? 100 : 200))
            .WithToolchain(InProcessEmitToolchain.Instance));
        AddDiagnoser(new PeakDiagnoser());
        AddColumnProvider(
            DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Metrics);
        AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.StdDev, BaselineRatioColumn.RatioMean);
        AddLogger(ConsoleLogger.Default);
        AddExporter(MarkdownExporter.GitHub);
        WithOptions(ConfigOptions.DisableLogFile);
        WithArtifactsPath(Path.Combine("artifacts", "benchmarks"));
    }
}
