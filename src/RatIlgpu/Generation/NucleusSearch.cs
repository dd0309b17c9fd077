namespace RatIlgpu.Generation;

/// <summary>Finds the fewest likeliest candidates that reach a mass, and puts them in order, without sorting the
/// others.</summary>
sealed class NucleusSearch
{
    // A bucket has weights of one exponent and one of so many steps to the double. The first starts at 1; the last has
    // all that are smaller than 2⁻³².
    const int StepBits = 8;
    const int Buckets = (32 << StepBits) + 1;
    const int ShiftOfBucket = 52 - StepBits;

    // Sums of a million weights in another order differ by less.
    const double Rounding = 1e-9;

    static readonly ulong first = BitConverter.DoubleToUInt64Bits(1) >> ShiftOfBucket;

    // So many with more than such a weight usually hold the mass.
    const int Few = 4096;
    const double LeastOfFew = 1.0 / 1024;

    readonly int[] ends = new int[Buckets];
    readonly double[] masses = new double[Buckets];
    readonly Candidate[] few = new Candidate[Few];
    Candidate[] sorted = [];

    /// <summary>Returns the candidates, likeliest first, valid until the next call.</summary>
    /// <param name="candidates">The candidates in any order.</param>
    /// <param name="least">The mass to reach; all are returned if they do not reach it.</param>
    /// <param name="mass">The sum of those that are returned, in their order.</param>
    public Span<Candidate> Find(ReadOnlySpan<Candidate> candidates, double least, out double mass)
    {
        if (Likely(candidates, least) is { IsEmpty: false } likely)
            candidates = likely;
        var used = BucketsFor(candidates, least);
        Scatter(candidates, used);
        (var count, mass) = (0, 0);
        for (var bucket = 0; bucket < used; bucket++)
        {
            sorted.AsSpan(count, ends[bucket] - count).Sort();
            while (count < ends[bucket])
                if ((mass += sorted[count++].Weight) >= least)
                    return sorted.AsSpan(0, count);
        }

        return sorted.AsSpan(0, count);
    }

    // Returns those of more than a small weight, if they are few and reach the mass in whatever order it is added up;
    // else none.
    ReadOnlySpan<Candidate> Likely(ReadOnlySpan<Candidate> candidates, double least)
    {
        var (count, sum) = (0, 0.0);
        foreach (var candidate in candidates)
            if (candidate.Weight > LeastOfFew)
            {
                if (count == Few)
                    return [];
                few[count++] = candidate;
                sum += candidate.Weight;
            }

        return sum >= least * (1 + Rounding) ? few.AsSpan(0, count) : [];
    }

    // Returns how many buckets reach the mass in whatever order it is added up; counts the candidates of each.
    int BucketsFor(ReadOnlySpan<Candidate> candidates, double least)
    {
        ends.AsSpan().Clear();
        masses.AsSpan().Clear();
        foreach (var candidate in candidates)
        {
            var bucket = BucketOf(candidate.Weight);
            ends[bucket]++;
            masses[bucket] += candidate.Weight;
        }

        var sum = 0.0;
        for (var bucket = 0; bucket < Buckets; bucket++)
            if ((sum += masses[bucket]) >= least * (1 + Rounding))
                return bucket + 1;
        return Buckets;
    }

    // Copies the candidates of the first buckets, each behind those of the bucket before it.
    void Scatter(ReadOnlySpan<Candidate> candidates, int used)
    {
        var start = 0;
        for (var bucket = 0; bucket < used; bucket++)
            (ends[bucket], start) = (start, start + ends[bucket]);
        if (sorted.Length < start)
            sorted = new Candidate[start];
        foreach (var candidate in candidates)
            if (BucketOf(candidate.Weight) is var bucket && bucket < used)
                sorted[ends[bucket]++] = candidate;
    }

    static int BucketOf(double weight) =>
        (int)Math.Min(first - (BitConverter.DoubleToUInt64Bits(weight) >> ShiftOfBucket), Buckets - 1);
}
