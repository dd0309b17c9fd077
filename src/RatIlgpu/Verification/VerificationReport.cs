using System.Collections.Immutable;

namespace RatIlgpu.Verification;

/// <summary>How close a device comes to the reference activations and traces of a golden folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Runs">The runs, without and with the mask.</param>
public sealed record VerificationReport(string Folder, ImmutableArray<VerifiedRun> Runs)
{
    /// <summary>Gets whether every bound holds and every trace agrees.</summary>
    public bool Passed => Runs.All(run => run.Passed);
}

/// <summary>One run of a golden folder.</summary>
/// <param name="Name"><c>plain</c> or <c>masked</c>.</param>
/// <param name="AttentionError">The largest difference of an attention probability.</param>
/// <param name="LogitError">The largest difference of a logit.</param>
/// <param name="LargestLogit">The largest magnitude of a reference logit.</param>
/// <param name="TraceCount">How many traces there are.</param>
/// <param name="Misses">A line for each trace that differs.</param>
public sealed record VerifiedRun(
    string Name,
    double AttentionError,
    double LogitError,
    double LargestLogit,
    int TraceCount,
    ImmutableArray<string> Misses)
{
    /// <summary>The largest difference of an attention probability that passes.</summary>
    public const double AttentionBound = 2e-5;

    /// <summary>The largest difference of a logit that passes, as a share of the largest logit.</summary>
    public const double LogitBound = 2e-4;

    /// <summary>The largest difference of an attention, score or link value of a trace that passes.</summary>
    public const double TraceBound = 1e-5;

    /// <summary>Gets whether both bounds hold and every trace agrees.</summary>
    public bool Passed => AttentionError <= AttentionBound && LogitError <= LogitBound * LargestLogit && Misses.IsEmpty;
}
