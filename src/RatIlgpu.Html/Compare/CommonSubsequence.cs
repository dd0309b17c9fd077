namespace RatIlgpu.Html;

/// <summary>Finds a longest common subsequence of two sequences.</summary>
/// <remarks>If the parts that differ are too long for the quadratic table, tokens that occur once in both are paired
/// first (the patience method of Bram Cohen), and a table is filled between each two pairs. The result can then be
/// shorter than the longest. The work is at most proportional to the length of both.</remarks>
static class CommonSubsequence
{
    /// <summary>The largest number of cells of a table, a byte each.</summary>
    public const int MostCells = 1 << 22;

    const byte Diagonal = 0, SkipA = 1, SkipB = 2;

    /// <summary>Returns the index in <paramref name="b"/> of the equal of each entry of <paramref name="a"/>, or
    /// −1.</summary>
    public static int[] Of(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int mostCells = MostCells)
    {
        var bOfA = new int[a.Length];
        Array.Fill(bOfA, Alignment.None);
        Align(a, b, bOfA, 0, mostCells, mayAnchor: true);
        return bOfA;
    }

    static void Align(
        ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> bOfA, int offset, int mostCells, bool mayAnchor)
    {
        var start = a.CommonPrefixLength(b);
        for (var i = 0; i < start; i++)
            bOfA[i] = offset + i;
        a = a[start..];
        b = b[start..];
        bOfA = bOfA[start..];
        offset += start;
        while (a.Length > 0 && b.Length > 0 && a[^1] == b[^1])
        {
            bOfA[a.Length - 1] = offset + b.Length - 1;
            a = a[..^1];
            b = b[..^1];
        }

        if ((long)a.Length * b.Length <= mostCells)
            FillTable(a, b, bOfA, offset);
        else if (mayAnchor)
            AlignBetweenAnchors(a, b, bOfA, offset, mostCells);
    }

    static void AlignBetweenAnchors(
        ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> bOfA, int offset, int mostCells)
    {
        var (startA, startB) = (0, 0);
        foreach (var (i, j) in Anchors(a, b).Append((a.Length, b.Length)))
        {
            Align(a[startA..i], b[startB..j], bOfA[startA..], offset + startB, mostCells, mayAnchor: false);
            if (i < a.Length)
                bOfA[i] = offset + j;
            (startA, startB) = (i + 1, j + 1);
        }
    }

    // Pairs the entries that occur once in both, and returns a longest list of pairs that ascends in both.
    static List<(int A, int B)> Anchors(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        var (onceA, onceB) = (Once(a), Once(b));
        var pairs = onceA.Where(entry => onceB.ContainsKey(entry.Key))
            .Select(entry => (A: entry.Value, B: onceB[entry.Key])).Order().ToList();
        var (before, tails) = (new int[pairs.Count], new List<int>());
        for (var i = 0; i < pairs.Count; i++)
        {
            var (low, high) = (0, tails.Count);
            while (low < high)
                if ((low + high) / 2 is var middle && pairs[tails[middle]].B < pairs[i].B)
                    low = middle + 1;
                else
                    high = middle;
            before[i] = low == 0 ? Alignment.None : tails[low - 1];
            if (low == tails.Count)
                tails.Add(i);
            else
                tails[low] = i;
        }

        var chain = new List<(int, int)>();
        for (var i = tails.Count == 0 ? Alignment.None : tails[^1]; i != Alignment.None; i = before[i])
            chain.Add(pairs[i]);
        chain.Reverse();
        return chain;
    }

    static Dictionary<int, int> Once(ReadOnlySpan<int> symbols)
    {
        var places = new Dictionary<int, int>();
        for (var i = 0; i < symbols.Length; i++)
            places[symbols[i]] = places.ContainsKey(symbols[i]) ? Alignment.None : i;
        return places.Where(place => place.Value != Alignment.None).ToDictionary();
    }

    // Of all longest subsequences, chooses one with the fewest skips on one side only: swapped words stay paired.
    static void FillTable(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> bOfA, int offset)
    {
        var equal = Math.Min(a.Length, b.Length) + 1;
        var moves = new byte[a.Length * b.Length];
        var (above, row) = (new int[b.Length + 1], new int[b.Length + 1]);
        for (var i = 0; i < a.Length; i++)
        {
            for (var j = 0; j < b.Length; j++)
            {
                var best = above[j] + (a[i] == b[j] ? equal : 1);
                var move = Diagonal;
                if (above[j + 1] > best)
                    (best, move) = (above[j + 1], SkipA);
                if (row[j] > best)
                    (best, move) = (row[j], SkipB);
                (row[j + 1], moves[(i * b.Length) + j]) = (best, move);
            }

            (above, row) = (row, above);
        }

        for (var (i, j) = (a.Length - 1, b.Length - 1); i >= 0 && j >= 0;)
        {
            var move = moves[(i * b.Length) + j];
            if (move == Diagonal && a[i] == b[j])
                bOfA[i] = offset + j;
            i -= move == SkipB ? 0 : 1;
            j -= move == SkipA ? 0 : 1;
        }
    }
}
