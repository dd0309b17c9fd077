using RatIlgpu.Devices;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Generation;

/// <summary>Chooses the next token from logits.</summary>
public sealed class Sampler
{
    // The largest logit of so many tells that none of them is among those that are looked for.
    const int BlockWidth = 256;

    // Of two exponents that differ by this share of the larger numbers in them, the exponentials differ by many units
    // of the last place, unless they are too small to have all digits.
    const double Margin = 1e-9;
    const double LeastWithAllDigits = 1e-300;

    readonly SamplingOptions options;
    readonly Random random;
    readonly NucleusSearch nucleus = new();
    float[] penalized = [], largest = [];
    Candidate[] candidates = [];

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
        if (logits.IsEmpty)
            throw NothingToChoose();
        FindLargest(logits);
        var highest = TensorPrimitives.Max<float>(largest);
        if (float.IsNegativeInfinity(highest))
            throw NothingToChoose();
        return options.Temperature == 0 || float.IsPositiveInfinity(highest)
            ? First(logits, highest)
            : Draw(logits, highest);
    }

    /// <summary>Returns the exception for logits of which none can be chosen.</summary>
    internal static ArgumentException NothingToChoose() =>
        new("No token can be chosen: every logit is −∞ or NaN.");

    ReadOnlySpan<float> Penalized(ReadOnlySpan<float> logits, IEnumerable<int> text)
    {
        if (penalized.Length != logits.Length)
            penalized = new float[logits.Length];
        logits.CopyTo(penalized);
        foreach (var id in text.Where(id => id >= 0 && id < penalized.Length).Distinct())
            penalized[id] = (float)(penalized[id] < 0
                ? penalized[id] * options.RepetitionPenalty
                : penalized[id] / options.RepetitionPenalty);
        return penalized;
    }

    // Of each block, the largest number; −∞ where there is none.
    void FindLargest(ReadOnlySpan<float> logits)
    {
        var blocks = (logits.Length + BlockWidth - 1) / BlockWidth;
        if (largest.Length != blocks)
            largest = new float[blocks];
        for (var block = 0; block < blocks; block++)
        {
            var numbers = Block(logits, block);
            var most = TensorPrimitives.Max(numbers);
            largest[block] = float.IsNaN(most) ? LargestBesidesNaN(numbers) : most;
        }
    }

    static float LargestBesidesNaN(ReadOnlySpan<float> numbers)
    {
        var most = float.NegativeInfinity;
        foreach (var number in numbers)
            if (number > most)
                most = number;
        return most;
    }

    static ReadOnlySpan<float> Block(ReadOnlySpan<float> logits, int block) =>
        logits[(block * BlockWidth)..Math.Min((block + 1) * BlockWidth, logits.Length)];

    static int First(ReadOnlySpan<float> logits, float number)
    {
        var id = 0;
        while (logits[id] != number)
            id++;
        return id;
    }

    int Draw(ReadOnlySpan<float> logits, double highest)
    {
        var likely = Likely(logits, highest, out var total);
        likely = options.TopP < 1
            ? nucleus.Find(likely, options.TopP * total, out var mass)
            : Reaching(total, likely, out mass);
        // The likeliest token has weight 1.
        if (options.MinP > 0)
            likely = AtLeast(options.MinP, likely, out mass);
        var left = random.NextDouble() * mass;
        foreach (var (weight, id) in likely)
            if ((left -= weight) < 0)
                return id;

        // By rounding, a rest may be left after the last token.
        return likely[^1].Id;
    }

    // Returns the tokens that top-k leaves and whose weight is a number above 0, by their ids, and their sum in that
    // order.
    Span<Candidate> Likely(ReadOnlySpan<float> logits, double highest, out double total)
    {
        double Weight(double logit) => Math.Exp((logit - highest) / options.Temperature);

        var (bound, least) = (double.NegativeInfinity, 0.0);
        if (options.TopK > 0 && options.TopK < logits.Length)
        {
            double smallest = SmallestOfLargest(logits);
            least = Weight(smallest);
            // By rounding, a smaller logit may have the same weight.
            if (least > LeastWithAllDigits)
                bound = smallest - Margin * (options.Temperature + highest - smallest);
        }

        if (candidates.Length < logits.Length)
            candidates = new Candidate[logits.Length];
        (var count, total) = (0, 0);
        for (var block = 0; block < largest.Length; block++)
            if (largest[block] >= bound)
                for (int id = block * BlockWidth, end = Math.Min(id + BlockWidth, logits.Length); id < end; id++)
                    if (logits[id] >= bound && Weight(logits[id]) is var weight && weight >= least && weight > 0)
                    {
                        candidates[count++] = new(weight, id);
                        total += weight;
                    }

        return candidates.AsSpan(0, count);
    }

    // Of the k largest logits; −∞ if there are fewer.
    float SmallestOfLargest(ReadOnlySpan<float> logits)
    {
        var best = new TopK<float>(options.TopK);
        for (var block = 0; block < largest.Length; block++)
            if (best.Takes(largest[block]))
                foreach (var logit in Block(logits, block))
                    if (!float.IsNaN(logit) && best.Takes(logit))
                        best.Add(logit, logit);
        var found = best.Take();
        return found.Length < options.TopK ? float.NegativeInfinity : found[^1];
    }

    static Span<Candidate> Reaching(double least, Span<Candidate> candidates, out double mass)
    {
        (var count, mass) = (0, 0);
        while (count < candidates.Length && mass < least)
            mass += candidates[count++].Weight;
        return candidates[..count];
    }

    static Span<Candidate> AtLeast(double weight, Span<Candidate> candidates, out double mass)
    {
        (var count, mass) = (0, 0);
        foreach (var candidate in candidates)
            if (candidate.Weight >= weight)
            {
                candidates[count++] = candidate;
                mass += candidate.Weight;
            }

        return candidates[..count];
    }
}
