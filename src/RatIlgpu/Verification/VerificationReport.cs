namespace RatIlgpu.Verification;

/// <summary>How close a device comes to the reference activations and traces of a golden folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Runs">The runs, without and with the mask.</param>
public sealed record VerificationReport(string Folder, ValueArray<VerifiedRun> Runs)
{
    /// <summary>Gets whether every bound holds and every trace agrees.</summary>
    public bool Passed => Runs.All(run => run.Passed);
}

/// <summary>One run of a golden folder.</summary>
/// <param name="Name"><c>plain</c> or <c>masked</c>.</param>
/// <param name="AttentionError">The largest difference of an attention probability.</param>
/// <param name="StreamError">The largest difference in the residual stream after a layer, as a share of its largest
/// number.</param>
/// <param name="LogitError">The largest difference of a logit, whether somebody looks into the layers or not.</param>
/// <param name="LargestLogit">The largest magnitude of a reference logit.</param>
/// <param name="TraceCount">How many traces there are.</param>
/// <param name="Misses">A line for each trace that differs.</param>
public sealed record VerifiedRun(
    string Name,
    double AttentionError,
    double StreamError,
    double LogitError,
    double LargestLogit,
    int TraceCount,
    ValueArray<string> Misses)
{
    /// <summary>The largest difference of an attention probability that passes.</summary>
    public const double AttentionBound = 2e-5;

    /// <summary>The largest difference in the residual stream that passes, as a share of its largest number.</summary>
    public const double StreamBound = 2e-5;

    /// <summary>The largest difference of a logit that passes, as a share of the largest logit.</summary>
    public const double LogitBound = 2e-4;

    /// <summary>The largest difference of an attention, score or link value of a trace that passes; of a score beyond
    /// ±1, which sums the logarithms of many attentions, as a share of it.</summary>
    public const double TraceBound = 1e-5;

    /// <summary>Gets whether every bound holds and every trace agrees.</summary>
    public bool Passed => AttentionError <= AttentionBound && StreamError <= StreamBound
        && LogitError <= LogitBound * LargestLogit && Misses.IsEmpty;
}
