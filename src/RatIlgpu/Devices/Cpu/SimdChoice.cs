using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace RatIlgpu.Devices;

/// <summary>The vectors of a device, and why it has them.</summary>
/// <param name="Level">The vectors.</param>
/// <param name="Reason">Why, in words that follow the name of the level: "the widest of this processor".</param>
readonly record struct SimdChoice(SimdLevel Level, string Reason)
{
    // A processor with two units of 512 bits does 1.77 times the multiply-adds of 256 bits at the clock that it falls
    // to, one with a single unit as many or fewer. This lies far from both.
    const double LeastGain = 1.3;
    const int Rounds = 6;

    static readonly Lazy<SimdChoice> Own = new(
        () => Decide(SimdLevels.Widest, Vector512.IsHardwareAccelerated, Gain));

    /// <summary>Returns the requested level, else the one that the environment variable names, else the best of this
    /// processor.</summary>
    /// <exception cref="ArgumentException">The variable does not name a level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor does not have the level.</exception>
    public static SimdChoice Of(SimdLevel? asked, string? environment)
    {
        if (asked is null && string.IsNullOrEmpty(environment))
            return Own.Value;
        var (level, source) = asked is { } named
            ? (named, "level")
            : (SimdLevels.Parse(environment!), SimdLevels.Variable);
        if (!SimdLevels.IsSupported(level))
            throw new PlatformNotSupportedException(
                $"{source}: .NET offers no {level} on this processor; the widest is {SimdLevels.Widest}.");
        return new(level, asked is null ? $"as {SimdLevels.Variable} says" : "as asked");
    }

    /// <summary>Chooses the widest level, but 256 bits where 512 are no faster. That is measured only where .NET does
    /// not prefer 512 bits to 256: a processor with one unit for them may lose more by its lower clock than it
    /// gains.</summary>
    /// <param name="widest">The widest level of the processor.</param>
    /// <param name="isPreferred">True if .NET prefers 512 bits.</param>
    /// <param name="gain">Measures how many times the multiply-adds of 256 bits 512 do; called only if that
    /// decides.</param>
    public static SimdChoice Decide(SimdLevel widest, bool isPreferred, Func<double> gain)
    {
        if (widest != SimdLevel.Vector512 || isPreferred)
            return new(widest, "the widest of this processor");
        var found = gain();
        return new(
            found >= LeastGain ? SimdLevel.Vector512 : SimdLevel.Vector256,
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"measured: 512 bits do {found:0.00} times the multiply-adds of 256"));
    }

    // The best of some runs of a millisecond or two each, by turns, so that other work on the processor slows both
    // down; the first compile the loops and lower the clock.
    static double Gain()
    {
        var (half, whole) = (0.0, 0.0);
        for (var round = 0; round < Rounds; round++)
        {
            half = Math.Max(half, Rate(SimdLevel.Vector256));
            whole = Math.Max(whole, Rate(SimdLevel.Vector512));
        }

        return whole / half;
    }

    static double Rate(SimdLevel level)
    {
        var simd = Simd.At(level);
        var watch = Stopwatch.StartNew();
        return simd.MultiplyAddRegisters(500_000) / watch.Elapsed.TotalSeconds;
    }
}
