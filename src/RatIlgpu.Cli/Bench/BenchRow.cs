namespace RatIlgpu.Cli.Bench;

/// <summary>The measurements of one trace.</summary>
/// <param name="Tokens">How many tokens the prompt had.</param>
/// <param name="Layer">The traced layer.</param>
/// <param name="Seconds">The median time of a trace.</param>
/// <param name="Best">The least time of a trace.</param>
/// <param name="Operations">The floating point operations of the layers run, two for each multiply-add.</param>
/// <param name="PrivateBytes">Memory of the process that no file backs, after the traces.</param>
/// <param name="PeakBytes">The most memory the process has had in use, mapped weights included.</param>
sealed record BenchRow(
    int Tokens, int Layer, double Seconds, double Best, double Operations, long PrivateBytes, long PeakBytes)
{
    /// <summary>Gets the tokens in a second.</summary>
    public double TokensPerSecond => Tokens / Seconds;

    /// <summary>Gets the floating point operations in a second.</summary>
    public double OperationsPerSecond => Operations / Seconds;
}
