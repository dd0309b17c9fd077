using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The effects of the patches of a page, ranked: those of its pair, or the means over its pairs.</summary>
sealed class PatchRanks
{
    readonly PatchSheet sheet;

    public PatchRanks(PatchSheet sheet)
    {
        this.sheet = sheet;
        Effects = [.. Enumerable.Range(0, sheet.Count).Select(EffectOf)];
    }

    /// <summary>Gets the effect of each patch, over the pairs that have it; NaN where none has.</summary>
    public ImmutableArray<double> Effects { get; }

    /// <summary>Returns the strongest patches, strongest first; equal ones in their order.</summary>
    public ImmutableArray<int> Strongest(int count) => Strongest(Enumerable.Range(0, sheet.Count), count, Effects);

    /// <summary>Returns mean and spread of a number over the pairs.</summary>
    public MeanAndSpread Of(Func<SheetPair, double> number) => MeanAndSpread.Of(
        sheet.Pairs.Select(pair => double.IsNaN(number(pair)) ? null : (double?)number(pair)));

    /// <summary>Returns the paths that a diagram may draw: the strongest of all, of each source and of each
    /// destination, in each pair and in the mean over pairs; in the order of the values.</summary>
    /// <param name="overall">The number of the strongest of all.</param>
    /// <param name="each">The number of the strongest of each source and destination.</param>
    public ImmutableArray<int> Drawable(int overall, int each)
    {
        var (sources, destinations) = (sheet.Sources.Length, sheet.Destinations.Length);
        var drawn = new SortedSet<int>();
        IEnumerable<ImmutableArray<double>> all =
        [
            Effects,
            .. sheet.Pairs.Length == 1 ? [] : sheet.Pairs.Select(pair =>
                Enumerable.Range(0, sheet.Count).Select(pair.Effect).ToImmutableArray()),
        ];
        foreach (var effects in all)
        {
            drawn.UnionWith(Strongest(Enumerable.Range(0, sheet.Count), overall, effects));
            for (var source = 0; source < sources; source++)
                drawn.UnionWith(Strongest(Enumerable.Range(source * destinations, destinations), each, effects));
            for (var destination = 0; destination < destinations; destination++)
                drawn.UnionWith(Strongest(
                    Enumerable.Range(0, sources).Select(source => source * destinations + destination), each, effects));
        }

        return [.. drawn];
    }

    double EffectOf(int index) => sheet.Pairs is [var only]
        ? only.Effect(index)
        : Of(pair => pair.Effect(index)).Mean;

    static ImmutableArray<int> Strongest(IEnumerable<int> among, int count, ImmutableArray<double> effects) =>
    [
        .. among.Where(index => !double.IsNaN(effects[index]))
            .OrderByDescending(index => Math.Abs(effects[index])).Take(count),
    ];
}
