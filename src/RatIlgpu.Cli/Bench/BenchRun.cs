namespace RatIlgpu.Cli.Bench;

/// <summary>What one call of the command measures.</summary>
/// <param name="Shape">The name of the model's shape.</param>
/// <param name="Device">Where it computes.</param>
/// <param name="Peak">The floating point operations in a second that this machine can do.</param>
/// <param name="FirstSeconds">From the start of the process to the end of the first task.</param>
/// <param name="Rows">The measurements, each made when it is asked for.</param>
sealed record BenchRun(string Shape, Device Device, double Peak, double FirstSeconds, IEnumerable<BenchRow> Rows);
