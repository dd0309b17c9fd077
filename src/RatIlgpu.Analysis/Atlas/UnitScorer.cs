using System.Buffers;

namespace RatIlgpu.Analysis;

/// <summary>Sums the cells of the sequences of one unit, such as a prompt and its controls, head by head, and adds them
/// to the sums of its pass when all are there: a unit whose run was stopped adds nothing.</summary>
/// <param name="sums">The sums of the pass.</param>
/// <param name="number">The number of the unit in its pass.</param>
/// <param name="group">The group of the unit.</param>
sealed class UnitScorer(PassSums sums, long number, int group)
{
    readonly long[] heads = new long[sums.HeadCount * sums.Layout.HeadLength];
    readonly long[] data = new long[sums.Layout.DataLength];

    // The cells of maps of each sequence, [heads, cells], as the device found them. Of a model of 336 heads they take 5
    // MB, which is not allocated anew for each sequence.
    readonly List<(SequenceCells Cells, float[] Found)> maps = [];

    /// <summary>Gets the layout of the sums.</summary>
    public PassLayout Layout => sums.Layout;

    /// <summary>Adds a sequence, apart from what heads do in it.</summary>
    public void Add(SequenceCells cells)
    {
        FixedPoint.Add(cells.Data.AsSpan(), data);
        if (cells.MapPlaces.IsEmpty)
            return;
        var found = ArrayPool<float>.Shared.Rent(sums.HeadCount * cells.MapPlaces.Length);
        found.AsSpan().Clear();
        maps.Add((cells, found));
    }

    /// <summary>Adds the sums over cells of a head in a sequence.</summary>
    /// <param name="cells">The cells of the sequence.</param>
    /// <param name="head">The place of the head among those of all layers.</param>
    /// <param name="found">The sums, in the order of the cells.</param>
    public void Add(SequenceCells cells, int head, ReadOnlySpan<double> found)
    {
        var own = heads.AsSpan(head * Layout.HeadLength, Layout.CellSums);
        for (var i = 0; i < own.Length; i++)
            own[i] += FixedPoint.Of(found[i]);
        if (cells.MapPlaces.IsEmpty)
            return;
        var map = maps.Find(map => map.Cells == cells).Found.AsSpan(head * cells.MapPlaces.Length);
        for (var i = 0; i < cells.MapPlaces.Length; i++)
            map[i] = (float)found[Layout.CellSums + i];
    }

    /// <summary>Adds the sums over cells of a head, of its pattern in double.</summary>
    /// <param name="cells">The cells of the sequence.</param>
    /// <param name="head">The place of the head.</param>
    /// <param name="pattern"><c>[queries, keys]</c>.</param>
    public void AddPattern(SequenceCells cells, int head, ReadOnlySpan<double> pattern)
    {
        var found = new double[cells.Sums.RowCount];
        cells.Sums.Sum(pattern, found);
        Add(cells, head, found);
    }

    /// <summary>Adds another sum of a head.</summary>
    /// <param name="head">The place of the head.</param>
    /// <param name="place">The place of the sum in the layout.</param>
    /// <param name="sum">The sum.</param>
    public void Add(int head, int place, double sum) =>
        heads[(head * Layout.HeadLength) + place] += FixedPoint.Of(sum, Layout.BitsOf(place));

    /// <summary>Adds the unit to the sums of its pass.</summary>
    public void Finish()
    {
        var own = sums.GroupOf(group);
        FixedPoint.Add(heads, own.Heads);
        FixedPoint.Add(data, own.Data);
        foreach (var (cells, found) in maps)
        {
            AddMaps(cells.MapPlaces, found);
            ArrayPool<float>.Shared.Return(found);
        }

        maps.Clear();
        sums.Numbers.Add(number);
    }

    void AddMaps(ImmutableArray<int> places, float[] found)
    {
        for (var head = 0; head < sums.HeadCount; head++)
        {
            var own = sums.Maps.AsSpan(head * sums.MapCounts.Length, sums.MapCounts.Length);
            for (var i = 0; i < places.Length; i++)
                own[places[i]] += FixedPoint.Of(found[(head * places.Length) + i]);
        }

        foreach (var place in places)
            sums.MapCounts[place]++;
    }
}
