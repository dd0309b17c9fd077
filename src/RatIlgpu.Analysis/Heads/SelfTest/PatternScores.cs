namespace RatIlgpu.Analysis;

/// <summary>Scores of an attention pattern, <c>[queries][keys]</c>, by plain loops over its cells.</summary>
static class PatternScores
{
    /// <summary>Returns the mean attention to the token δ back, over the queries whose key there is not before
    /// <paramref name="firstKey"/>.</summary>
    public static double Offset(double[][] pattern, int offset, int firstKey = 0) =>
        Enumerable.Range(firstKey, pattern.Length - offset - firstKey).Average(key => pattern[key + offset][key]);

    /// <summary>Returns the offset, 1 or more, of the largest mean attention; at least one query has it.</summary>
    public static int PeakOffset(double[][] pattern, int firstKey = 0) =>
        Enumerable.Range(1, pattern.Length - 1 - firstKey).MaxBy(offset => Offset(pattern, offset, firstKey));

    /// <summary>Returns the mean attention to the first token.</summary>
    public static double First(double[][] pattern) => pattern.Average(row => row[0]);

    /// <summary>Returns the mean attention from token k of the second half to token k + 1 of the first, k = 0 to N −
    /// 2.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="half">The tokens of a half, N.</param>
    /// <param name="start">The position at which the first half starts.</param>
    public static double Induction(double[][] pattern, int half, int start = 0) =>
        Enumerable.Range(start, half - 1).Average(key => pattern[key + half][key + 1]);

    /// <summary>Returns the mean attention to earlier tokens like the query's, over the queries that have
    /// one.</summary>
    public static double Duplicate(double[][] pattern, IReadOnlyList<int> ids) =>
        Enumerable.Range(0, pattern.Length)
            .Where(query => ids.Take(query).Contains(ids[query]))
            .Average(query => Share(pattern[query][..query], ids, id => id == ids[query]));

    /// <summary>Returns the mean over the queries of the attention to keys of some tokens.</summary>
    public static double Keys(double[][] pattern, IReadOnlyList<int> ids, Func<int, bool> isOne) =>
        pattern.Average(row => Share(row, ids, isOne));

    /// <summary>Returns the mean attention from each element of a list to the one before; elements stand at every
    /// second position.</summary>
    public static double Succession(double[][] pattern) =>
        Enumerable.Range(1, (pattern.Length - 1) / 2).Average(k => pattern[2 * k][2 * (k - 1)]);

    /// <summary>Returns the mean over ordinals of the attention to the ordinal one smaller, where it stands earlier,
    /// minus the mean attention to other earlier ordinals; the first key is left out.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="ids">The tokens of the prompt.</param>
    /// <param name="ordinals">The ordinals are the tokens below this.</param>
    public static double Predecessor(double[][] pattern, IReadOnlyList<int> ids, int ordinals)
    {
        var contrasts = new List<double>();
        for (var query = 1; query < pattern.Length; query++)
        {
            int[] earlier = [.. Enumerable.Range(1, query - 1).Where(key => ids[key] < ordinals)];
            int[] others = [.. earlier.Where(key => ids[key] != ids[query] - 1)];
            if (ids[query] >= ordinals || others.Length == 0 || others.Length == earlier.Length)
                continue;
            var wanted = earlier.Except(others).Sum(key => pattern[query][key]);
            contrasts.Add(wanted - others.Average(key => pattern[query][key]));
        }

        return contrasts.Average();
    }

    static double Share(double[] row, IReadOnlyList<int> ids, Func<int, bool> isOne) =>
        row.Where((_, key) => isOne(ids[key])).Sum();
}
