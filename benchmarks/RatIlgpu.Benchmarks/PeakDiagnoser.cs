using BenchmarkDotNet.Analysers;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Validators;

namespace RatIlgpu.Benchmarks;

/// <summary>Measures the peak right before and right after each benchmark, since the clock of a machine wanders, and
/// says what share of it the benchmark's median reached.</summary>
sealed class PeakDiagnoser : IDiagnoser
{
    const double Giga = 1e9;

    readonly Dictionary<BenchmarkCase, double> peaks = [];

    public IEnumerable<string> Ids => [nameof(PeakDiagnoser)];

    public IEnumerable<IExporter> Exporters => [];

    public IEnumerable<IAnalyser> Analysers => [];

    public RunMode GetRunMode(BenchmarkCase benchmarkCase) => RunMode.NoOverhead;

    public IEnumerable<ValidationError> Validate(ValidationParameters validationParameters) => [];

    public void DisplayResults(ILogger logger)
    {
    }

    public void Handle(HostSignal signal, DiagnoserActionParameters parameters)
    {
        var kernel = Make(parameters.BenchmarkCase);
        if (signal is not (HostSignal.BeforeActualRun or HostSignal.AfterActualRun) || kernel.Operations == 0)
            return;
        var before = peaks.GetValueOrDefault(parameters.BenchmarkCase);
        using var processor = new CpuDevice(kernel.Threads, Kernel.Level);
        peaks[parameters.BenchmarkCase] = Math.Max(before, processor.MeasurePeak());
    }

    public IEnumerable<Metric> ProcessResults(DiagnoserResults results)
    {
        if (!peaks.TryGetValue(results.BenchmarkCase, out var peak))
            yield break;
        var seconds = results.Measurements.Where(one => one.Is(IterationMode.Workload, IterationStage.Result))
            .Select(one => one.Nanoseconds / one.Operations / Giga).Order().ToArray();
        if (seconds.Length == 0)
            yield break;
        var speed = Make(results.BenchmarkCase).Operations / seconds[seconds.Length / 2];
        yield return new Metric(SpeedMetric.Speed, speed / Giga);
        yield return new Metric(SpeedMetric.Peak, peak / Giga);
        yield return new Metric(SpeedMetric.ShareOfPeak, speed / peak);
    }

    // An instance with its parameters, which says how much work it would do; nothing is allocated before its setup.
    static Kernel Make(BenchmarkCase benchmark)
    {
        var kernel = (Kernel)Activator.CreateInstance(benchmark.Descriptor.Type)!;
        foreach (var parameter in benchmark.Parameters.Items)
            benchmark.Descriptor.Type.GetProperty(parameter.Name)!.SetValue(kernel, parameter.Value);
        return kernel;
    }
}
