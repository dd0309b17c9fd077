namespace RatIlgpu.Cli.Bench;

/// <summary>The measurements of one task.</summary>
/// <param name="Task">What was timed.</param>
/// <param name="Seconds">The median time.</param>
/// <param name="Best">The least time.</param>
/// <param name="PrivateBytes">Memory of the process that no file backs, after the last time.</param>
/// <param name="PeakBytes">The most memory the process has had in use, mapped weights included.</param>
sealed record BenchRow(BenchTask Task, double Seconds, double Best, long PrivateBytes, long PeakBytes)
{
    /// <summary>Gets the tokens in a second.</summary>
    public double TokensPerSecond => Task.Tokens / Seconds;

    /// <summary>Gets the floating point operations in a second.</summary>
    public double OperationsPerSecond => Task.Operations / Seconds;
}
