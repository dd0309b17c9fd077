using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;

namespace RatIlgpu.Benchmarks;

/// <summary>A column of speeds.</summary>
sealed class SpeedMetric(string name, string legend, string format, int priority) : IMetricDescriptor
{
    public static SpeedMetric Speed { get; } =
        new("GFLOP/s", "Floating point operations in a nanosecond, two for each multiply-add; of the median", "F1", 0);

    public static SpeedMetric Peak { get; } =
        new("Peak", "Fused multiply-adds from registers on as many threads, in GFLOP/s; the better of before and after",
            "F1", 1);

    public static SpeedMetric ShareOfPeak { get; } = new("of peak", "GFLOP/s / Peak", "F2", 2);

    public string Id => name;

    public string DisplayName => name;

    public string Legend => legend;

    public string NumberFormat => format;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Unit => "";

    public bool TheGreaterTheBetter => true;

    public int PriorityInCategory => priority;

    public bool GetIsAvailable(Metric metric) => true;
}
