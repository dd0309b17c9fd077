using RatIlgpu.Devices;

namespace RatIlgpu.Generation;

/// <summary>Chooses the next token from logits.</summary>
public sealed class Sampler
{
    // So many likeliest tokens usually hold the mass; all are sorted only where these do not.
    const int UsualNucleus = 1024;

    readonly SamplingOptions options;
    readonly Random random;

    /// <summary>Makes a sampler that starts from the options' seed.</summary>
    public Sampler(SamplingOptions options) => (this.options, random) = (options, new Random(options.Seed));

    /// <summary>Chooses a token.</summary>
    /// <param name="logits"><c>[vocabulary]</c>; a token at −∞ or NaN is never chosen.</param>
    /// <param name="text">The tokens of the prompt and the text so far, for the repetition penalty; null for
    /// none. Tokens outside the vocabulary do not count.</param>
    /// <returns>The token; of equally likely ones, the greedy choice is the smallest.</returns>
    /// <exception cref="ArgumentException">No token can be chosen.</exception>
    public int Next(ReadOnlySpan<float> logits, IEnumerable<int>? text = null)
    {
        if (text is not null && options.RepetitionPenalty != 1)
            logits = Penalized(logits, text);
        var best = -1;
        for (var id = 0; id < logits.Length; id++)
            if (logits[id] > (best < 0 ? float.NegativeInfinity : logits[best]))
                best = id;
        if (best < 0)
            throw NothingToChoose();
        return options.Temperature == 0 ? best : Draw(logits, logits[best]);
    }

    float[] Penalized(ReadOnlySpan<float> logits, IEnumerable<int> text)
    {
        var changed = logits.ToArray();
        foreach (var id in text.Where(id => id >= 0 && id < changed.Length).Distinct())
            changed[id] = (float)(changed[id] < 0
                ? changed[id] * options.RepetitionPenalty
                : changed[id] / options.RepetitionPenalty);
        return changed;
    }

    int Draw(ReadOnlySpan<float> logits, double highest)
    {
        var weights = new double[logits.Length];
        var total = 0.0;
        for (var id = 0; id < logits.Length; id++)
            total += weights[id] = float.IsNaN(logits[id]) ? 0 : Math.Exp((logits[id] - highest) / options.Temperature);
        if (options.TopK > 0 && options.TopK < weights.Length)
            total = KeepAtLeast(LeastOfLikeliest(weights), weights);

        var ids = options.TopP < 1 ? LikeliestFirst(weights, total) : Every(logits.Length);
        var nucleus = Nucleus(ids, weights, total, out var mass);
        // The likeliest token has weight 1.
        if (options.MinP > 0)
        {
            KeepAtLeast(options.MinP, weights);
            mass = 0;
            foreach (var id in nucleus)
                mass += weights[id];
        }

        var left = random.NextDouble() * mass;
        foreach (var id in nucleus)
            if ((left -= weights[id]) < 0)
                return id;

        // By rounding, a rest may be left after the last token.
        return LastPossible(nucleus, weights);
    }

    double LeastOfLikeliest(double[] weights)
    {
        var best = new TopK<double>(options.TopK);
        foreach (var weight in weights)
            if (best.Takes(weight))
                best.Add(weight, weight);
        return best.Take()[^1];
    }

    // Sets smaller weights to 0; returns the sum of the others.
    static double KeepAtLeast(double least, double[] weights)
    {
        var kept = 0.0;
        foreach (ref var weight in weights.AsSpan())
            kept += weight = weight < least ? 0 : weight;
        return kept;
    }

    /// <summary>Returns the exception for logits of which none can be chosen.</summary>
    internal static ArgumentException NothingToChoose() =>
        new("No token can be chosen: every logit is −∞ or NaN.");

    // At least the nucleus, likeliest first; of equal ones the smaller id, so that a seed means the same everywhere.
    int[] LikeliestFirst(double[] weights, double total)
    {
        var best = new TopK<int>(UsualNucleus);
        for (var id = 0; id < weights.Length; id++)
            if (best.Takes(weights[id]))
                best.Add(id, weights[id]);
        var ids = best.Take();
        Nucleus(ids, weights, total, out var mass);
        if (mass >= options.TopP * total)
            return ids;
        ids = Every(weights.Length);
        Array.Sort(ids, (a, b) => weights[b].CompareTo(weights[a]) is var order and not 0 ? order : a.CompareTo(b));
        return ids;
    }

    static int[] Every(int count) => [.. Enumerable.Range(0, count)];

    ReadOnlySpan<int> Nucleus(int[] ids, double[] weights, double total, out double mass)
    {
        mass = 0;
        for (var count = 0; count < ids.Length; count++)
        {
            mass += weights[ids[count]];
            if (mass >= options.TopP * total)
                return ids.AsSpan(0, count + 1);
        }

        return ids;
    }

    static int LastPossible(ReadOnlySpan<int> ids, double[] weights)
    {
        var last = ids.Length - 1;
        while (weights[ids[last]] == 0)
            last--;
        return ids[last];
    }
}
