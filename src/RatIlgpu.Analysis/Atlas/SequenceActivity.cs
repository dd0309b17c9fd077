namespace RatIlgpu.Analysis;

/// <summary>How active each head is in one sequence of text.</summary>
/// <param name="Number">The number of the sequence in its pass.</param>
/// <param name="Ids">The tokens.</param>
/// <param name="Most">The largest activity of each head, <c>Σₖ A[q, k] |v[k] Wₒ|</c> over the keys after the
/// first.</param>
/// <param name="Peaks">The query of that activity.</param>
sealed record SequenceActivity(long Number, ImmutableArray<int> Ids, float[] Most, short[] Peaks)
{
    /// <summary>Notes the activity of a head.</summary>
    /// <param name="head">The place of the head among those of all layers.</param>
    /// <param name="most">The largest activity.</param>
    /// <param name="peak">Its query.</param>
    public void Note(int head, float most, int peak) => (Most[head], Peaks[head]) = (most, (short)peak);
}

/// <summary>Keeps the activities of a sample of sequences: those whose numbers have the smallest hashes, so that
/// samples of any parts of the sequences make the sample of all.</summary>
sealed class ActivitySample
{
    /// <summary>The most sequences of a sample.</summary>
    public const int Most = 1_024;

    readonly SortedDictionary<(ulong Hash, long Number), SequenceActivity> kept = [];

    /// <summary>Gets the sequences, in the order of their hashes.</summary>
    public IEnumerable<SequenceActivity> Sequences => kept.Values;

    /// <summary>Adds a sequence, if its hash is among the smallest.</summary>
    public void Add(SequenceActivity sequence)
    {
        kept[(SeededRandom.Mix((ulong)sequence.Number), sequence.Number)] = sequence;
        if (kept.Count > Most)
            kept.Remove(kept.Keys.Last());
    }

    /// <summary>Adds another sample.</summary>
    public void Add(ActivitySample other)
    {
        foreach (var sequence in other.Sequences)
            Add(sequence);
    }
}
