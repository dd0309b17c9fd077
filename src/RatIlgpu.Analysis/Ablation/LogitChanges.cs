namespace RatIlgpu.Analysis;

/// <summary>Finds the tokens whose logits change most.</summary>
static class LogitChanges
{
    /// <summary>Returns the tokens whose logits rise most, or fall most, the largest change first; of equal changes,
    /// the lower id comes first.</summary>
    /// <param name="before">The logits without the change, <c>[vocabulary]</c>.</param>
    /// <param name="after">Those with it, as many.</param>
    /// <param name="shown">The tokens that count.</param>
    /// <param name="most">The most tokens, at least 1.</param>
    /// <param name="sign">1 for those that rise, −1 for those that fall.</param>
    public static ImmutableArray<TokenChange> Largest(
        ReadOnlySpan<float> before, ReadOnlySpan<float> after, PredictedTokens shown, int most, int sign)
    {
        // The least of those found so far comes out first: the smallest change, and of equal ones the highest id.
        var found = new PriorityQueue<int, (double Size, int Rank)>(int.Min(most, before.Length) + 1);
        for (var id = 0; id < before.Length; id++)
        {
            var size = sign * ((double)after[id] - before[id]);
            if (size <= 0 || !shown.Has(id))
                continue;
            if (found.Count < most)
                found.Enqueue(id, (size, -id));
            else
                found.EnqueueDequeue(id, (size, -id));
        }

        var ascending = new List<TokenChange>(found.Count);
        while (found.TryDequeue(out var id, out var priority))
            ascending.Add(new(id, sign * priority.Size));
        ascending.Reverse();
        return [.. ascending];
    }
}
