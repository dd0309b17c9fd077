namespace RatIlgpu.Analysis;

/// <summary>The cells of one sequence that are summed, and the sums that no head changes.</summary>
/// <param name="Sums">The weighted sums: those of <see cref="PassLayout.CellSums"/>, then the cells of maps.</param>
/// <param name="MapPlaces">The place of each cell of a map among the cells of all maps.</param>
/// <param name="Data">The counts and chance levels, as <see cref="PassLayout.DataLength"/> has them.</param>
/// <param name="FirstQuery">The first query of the entropy and of weighted attention.</param>
sealed record SequenceCells(
    CellSums Sums, ImmutableArray<int> MapPlaces, ImmutableArray<long> Data, int FirstQuery);

/// <summary>Collects the cells of one sequence.</summary>
/// <param name="layout">The layout of the pass.</param>
/// <param name="tokens">The number of tokens.</param>
sealed class ScoreRows(PassLayout layout, int tokens)
{
    readonly List<(int Cell, double Weight)>[] rows =
        [.. Enumerable.Range(0, layout.CellSums).Select(_ => new List<(int, double)>())];

    readonly double[] counts = new double[layout.Counted];
    readonly double[] chances = new double[layout.Counted * layout.Windows.Length];
    readonly List<(int Cell, int Place)> maps = [];
    readonly double[] tokenCounts = layout.HasProfile ? [0, tokens] : [];

    /// <summary>Gets the number of tokens.</summary>
    public int Tokens => tokens;

    /// <summary>Gets or sets the first query of the entropy and of weighted attention.</summary>
    public int FirstQuery { get; set; }

    /// <summary>Adds a valid query of a score and its target keys.</summary>
    /// <param name="score">The score.</param>
    /// <param name="query">The query; added once to a score.</param>
    /// <param name="keys">The keys, each up to the query and once.</param>
    /// <param name="weight">The factor of the attention to each key.</param>
    /// <param name="count">How often the query counts: 0 for a control, whose attention has a negative weight.</param>
    public void Add(
        HeadScoreDefinition score, int query, ReadOnlySpan<int> keys, double weight = 1, double count = 1)
    {
        var place = layout.PlaceOf(score);
        var first = place * PassLayout.Parts;
        foreach (var key in keys)
        {
            AddCell(first, query, key, weight);
            if (key == 0)
                AddCell(first + 1, query, key, weight);
            if (key == query)
                AddCell(first + 2, query, key, weight);
            AddChance(place, query, key, weight);
        }

        counts[place] += count;
        if (count == 0)
            return;
        AddCell(first + 3, query, 0, count);
        AddCell(first + 4, query, query, count);
    }

    /// <summary>Adds the queries from one on to the offset profile.</summary>
    /// <param name="firstQuery">The first query.</param>
    /// <param name="firstKey">The first key that counts.</param>
    public void AddProfile(int firstQuery, int firstKey)
    {
        for (var query = firstQuery; query < tokens; query++)
            for (var offset = 0; offset < PassLayout.Offsets && query - offset >= firstKey; offset++)
            {
                var place = layout.Scores.Length + offset;
                AddCell((PassLayout.Parts * layout.Scores.Length) + offset, query, query - offset, 1);
                AddChance(place, query, query - offset, 1);
                counts[place]++;
            }
    }

    /// <summary>Notes how many tokens are delimiters.</summary>
    public void CountDelimiters(int count) => tokenCounts[0] = count;

    /// <summary>Adds a cell to a map.</summary>
    /// <param name="map">The place of the map.</param>
    /// <param name="row">The row of the map.</param>
    /// <param name="column">The column of the map.</param>
    /// <param name="query">The query.</param>
    /// <param name="key">The key.</param>
    public void AddToMap(int map, int row, int column, int query, int key)
    {
        if (map < layout.Maps.Length)
            maps.Add((
                (query * tokens) + key, (((map * PassLayout.MapSize) + row) * PassLayout.MapSize) + column));
    }

    /// <summary>Returns the cells.</summary>
    public SequenceCells ToCells()
    {
        if (layout.HasProfile)
            AddEntropy();
        int[] starts = [0, .. Ends(rows.Select(row => row.Count).Concat(maps.Select(_ => 1)))];
        return new(
            new(
                tokens, tokens,
                ImmutableCollectionsMarshal.AsImmutableArray(starts),
                [.. rows.SelectMany(row => row.Select(cell => cell.Cell)), .. maps.Select(one => one.Cell)],
                [.. rows.SelectMany(row => row.Select(cell => cell.Weight)), .. maps.Select(_ => 1.0)]),
            [.. maps.Select(one => one.Place)],
            [.. counts.Concat(chances).Concat(tokenCounts).Select(number => FixedPoint.Of(number))],
            FirstQuery);
    }

    // The entropy of a uniform row is the logarithm of the number of keys.
    void AddEntropy()
    {
        for (var query = FirstQuery; query < tokens; query++)
        {
            counts[^1]++;
            for (var window = 0; window < layout.Windows.Length; window++)
                chances[(window * layout.Counted) + layout.Counted - 1] +=
                    Math.Log(Math.Min(query + 1, layout.Windows[window]));
        }
    }

    void AddCell(int row, int query, int key, double weight) =>
        rows[row].Add(((query * tokens) + key, weight));

    void AddChance(int place, int query, int key, double weight)
    {
        for (var window = 0; window < layout.Windows.Length; window++)
            if (query - key < layout.Windows[window])
                chances[(window * layout.Counted) + place] += weight / Math.Min(query + 1, layout.Windows[window]);
    }

    static IEnumerable<int> Ends(IEnumerable<int> lengths)
    {
        var end = 0;
        foreach (var length in lengths)
            yield return end += length;
    }
}
