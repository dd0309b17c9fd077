namespace RatIlgpu.Analysis;

/// <summary>The sums of one pass, of all its units so far: exact, so that sums of any parts of the units add up to the
/// same bits in any order.</summary>
/// <remarks>A unit is a sequence, or a prompt with its controls. Units are gathered in at most <see cref="GroupCount"/>
/// groups, by their number, over which intervals are drawn: intervals of a run of more units are those of groups of
/// them.</remarks>
sealed class PassSums
{
    /// <summary>The most groups. Up to as many units, each is a group of its own.</summary>
    public const int GroupCount = 64;

    readonly PassLayout layout;
    readonly int headCount;

    /// <summary>Makes sums without a unit.</summary>
    /// <param name="layout">The layout.</param>
    /// <param name="headCount">The heads of all layers.</param>
    public PassSums(PassLayout layout, int headCount)
    {
        (this.layout, this.headCount) = (layout, headCount);
        Maps = new long[headCount * layout.Maps.Length * PassLayout.MapCells];
        MapCounts = new long[layout.Maps.Length * PassLayout.MapCells];
    }

    /// <summary>Gets the layout.</summary>
    public PassLayout Layout => layout;

    /// <summary>Gets the heads of all layers.</summary>
    public int HeadCount => headCount;

    /// <summary>Gets the sums of each group that has a unit.</summary>
    public SortedDictionary<int, GroupSums> Groups { get; } = [];

    /// <summary>Gets the numbers of the units.</summary>
    public SortedSet<long> Numbers { get; } = [];

    /// <summary>Gets the sums of the cells of maps, <c>[heads, maps, cells]</c>.</summary>
    public long[] Maps { get; }

    /// <summary>Gets how many sequences have each cell of a map, <c>[maps, cells]</c>.</summary>
    public long[] MapCounts { get; }

    /// <summary>Adds the sums of another part of the units.</summary>
    /// <exception cref="ArgumentException">A unit is in both.</exception>
    public void Add(PassSums other)
    {
        if (Numbers.Overlaps(other.Numbers))
            throw new ArgumentException(
                $"Unit {Numbers.Intersect(other.Numbers).First()} of {layout.Pass} is in both parts.");
        Numbers.UnionWith(other.Numbers);
        foreach (var (group, sums) in other.Groups)
        {
            var own = GroupOf(group);
            FixedPoint.Add(sums.Heads, own.Heads);
            FixedPoint.Add(sums.Data, own.Data);
        }

        FixedPoint.Add(other.Maps, Maps);
        FixedPoint.Add(other.MapCounts, MapCounts);
    }

    /// <summary>Returns the sums of a group.</summary>
    /// <param name="group">The group, from 0 to below <see cref="GroupCount"/>.</param>
    public GroupSums GroupOf(int group)
    {
        if (!Groups.TryGetValue(group, out var sums))
            Groups.Add(group, sums = new(new long[headCount * layout.HeadLength], new long[layout.DataLength]));
        return sums;
    }
}

/// <summary>The sums of one group of units.</summary>
/// <param name="Heads"><c>[heads, HeadLength]</c> of the layout.</param>
/// <param name="Data"><c>[DataLength]</c> of the layout.</param>
sealed record GroupSums(long[] Heads, long[] Data);
