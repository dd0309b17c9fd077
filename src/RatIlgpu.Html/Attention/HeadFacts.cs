namespace RatIlgpu.Html;

/// <summary>What a table says about the pattern of a head over a prompt: means over the queries behind the first token,
/// padding left out as if the prompt did not have it, and the strongest cell.</summary>
/// <param name="ToItself">The mean attention to the query itself; NaN of a prompt of one token, as are the next
/// two.</param>
/// <param name="ToPrevious">The mean attention to the token before the query.</param>
/// <param name="ToFirst">The mean attention to the first token.</param>
/// <param name="Query">The query of the strongest cell besides those of the first token; −1 if there is none.</param>
/// <param name="Key">Its key.</param>
/// <param name="Attention">Its attention.</param>
sealed record HeadFacts(double ToItself, double ToPrevious, double ToFirst, int Query, int Key, double Attention);

/// <summary>Collects the facts of a head from its rows.</summary>
/// <param name="mask">1 for a token, 0 for padding; null if there is no padding.</param>
sealed class HeadFactsReader(ImmutableArray<int>? mask)
{
    readonly int first = mask is { } some ? some.IndexOf(1) : 0;
    long itself, previous, toFirst;
    int queries, last = -1;
    (int Query, int Key, int Code) strongest = (-1, -1, 0);

    /// <summary>Reads the codes of a query, in the order of its keys.</summary>
    public void Add(int query, ReadOnlySpan<ushort> row)
    {
        if (mask is { } some && some[query] == 0)
            return;
        if (last >= 0)
        {
            queries++;
            (itself, previous, toFirst) = (itself + row[query], previous + row[last], toFirst + row[first]);
        }

        last = query;
        for (var key = first + 1; key < row.Length && strongest.Code < PatternCode.One; key++)
        {
            // Many keys at a time.
            var next = row[key..].IndexOfAnyInRange((ushort)(strongest.Code + 1), ushort.MaxValue);
            if (next < 0)
                break;
            key += next;
            strongest = (query, key, row[key]);
        }
    }

    public HeadFacts ToFacts() => new(
        Mean(itself), Mean(previous), Mean(toFirst),
        strongest.Query, strongest.Key, strongest.Code / (double)PatternCode.One);

    double Mean(long sum) => queries > 0 ? sum / (double)queries / PatternCode.One : double.NaN;
}
