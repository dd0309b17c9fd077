using System.Diagnostics;
using System.Text.Json;

namespace RatIlgpu.Peers;

/// <summary>Times the work of a peer as <c>ratilgpu bench</c> times ours.</summary>
static class Timing
{
    /// <summary>Returns the prompt of <c>ratilgpu bench</c>.</summary>
    public static int[] Prompt(int length, int vocabulary) =>
        [.. Enumerable.Range(0, length).Select(position => (int)((position * 7919L + 13) % vocabulary))];

    /// <summary>Runs the work once untimed, then as often as asked, and prints the times as the JSON that
    /// <c>compare.py</c> reads.</summary>
    /// <param name="run">The work.</param>
    /// <param name="call">What was asked for.</param>
    /// <param name="newTokens">How many tokens a run writes; null where it writes none.</param>
    /// <param name="description">What computes.</param>
    public static void Print(Action run, PeerCall call, int? newTokens, string description)
    {
        run();
        var runs = new double[call.Repeats];
        foreach (ref var seconds in runs.AsSpan())
        {
            var start = Stopwatch.GetTimestamp();
            run();
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        var median = runs.Order().ElementAt(runs.Length / 2);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            tokens = call.Tokens,
            new_tokens = newTokens,
            seconds = median,
            tokens_per_second = (newTokens ?? call.Tokens) / median,
            runs,
            description,
        }));
    }

    /// <summary>Returns the norm of the difference of two arrays as a share of the norm of the second.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Difference(ReadOnlySpan<float> found, ReadOnlySpan<double> expected)
    {
        if (found.Length != expected.Length)
            throw new ArgumentException($"{found.Length} numbers, expected {expected.Length}.", nameof(found));
        var (difference, norm) = (0.0, 0.0);
        for (var index = 0; index < found.Length; index++)
        {
            difference += double.Pow(found[index] - expected[index], 2);
            norm += expected[index] * expected[index];
        }

        return double.Sqrt(difference / norm);
    }
}
