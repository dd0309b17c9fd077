using RatIlgpu.Models;

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
/// <param name="Bounds">The differences that pass.</param>
/// <param name="AttentionError">The largest difference of an attention probability.</param>
/// <param name="StreamError">The largest difference in the residual stream after a layer, as a share of its largest
/// number.</param>
/// <param name="LogitError">The largest difference of a logit, whether somebody looks into the layers or not.</param>
/// <param name="LargestLogit">The largest magnitude of a reference logit.</param>
/// <param name="TraceCount">How many traces there are.</param>
/// <param name="Misses">A line for each trace that differs.</param>
public sealed record VerifiedRun(
    string Name,
    VerificationBounds Bounds,
    double AttentionError,
    double StreamError,
    double LogitError,
    double LargestLogit,
    int TraceCount,
    ValueArray<string> Misses)
{
    /// <summary>Gets whether every bound holds and every trace agrees.</summary>
    public bool Passed => AttentionError <= Bounds.Attention && StreamError <= Bounds.Stream
        && LogitError <= Bounds.Logit * LargestLogit && Misses.IsEmpty;
}

/// <summary>The differences from the float64 reference that a sound F32 run may have.</summary>
/// <remarks><c>14 · 2⁻²⁴ · L · (√d + √T)</c> for L layers, width d and T positions; docs/numerics.md has the
/// reasons.</remarks>
/// <param name="Attention">Of an attention probability.</param>
/// <param name="Stream">In the residual stream, as a share of its largest number.</param>
/// <param name="Logit">Of a logit, as a share of the largest.</param>
/// <param name="Score">Of the score or a link value of a trace; of a score beyond ±1, as a share of it.</param>
public readonly record struct VerificationBounds(double Attention, double Stream, double Logit, double Score)
{
    // The most that one rounding to F32 changes a number by, as a share of that number.
    const double Unit = 1.0 / (1 << 24);

    // Half as much again as the worst that was measured.
    const double Margin = 14;

    // The logarithm of a small attention moves by as much as two scores do, and the attention itself by at most half a
    // score.
    const double OfLogarithm = 4;

    /// <summary>Returns the bounds of a run.</summary>
    /// <param name="config">The depth and the width.</param>
    /// <param name="positions">The length of the prompt.</param>
    public static VerificationBounds Of(Qwen2Config config, int positions)
    {
        var rounding = Margin * Unit * config.LayerCount * (Math.Sqrt(config.HiddenSize) + Math.Sqrt(positions));
        return new(rounding, rounding, rounding, OfLogarithm * rounding);
    }
}
