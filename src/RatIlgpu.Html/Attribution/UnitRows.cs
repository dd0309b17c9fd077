using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The rows of one unit in every view of a page. Rows that are not shown are summed in
/// <see cref="Unaccounted"/>, so that nothing is missing from the sum.</summary>
sealed class UnitRows
{
    readonly ImmutableArray<ImmutableArray<Contribution>> all;
    readonly ImmutableArray<double> measured;
    readonly ImmutableArray<int> shown;

    UnitRows(
        AttributionUnit unit,
        IEnumerable<ImmutableArray<Contribution>> rows,
        ImmutableArray<LogitAttribution> views,
        Func<ResidualTerm, bool> shows)
    {
        Unit = unit;
        all = [.. rows];
        measured = [.. views.Select(view => view.Measured)];
        shown = [.. Enumerable.Range(0, all[0].Length).Where(row => shows(all[0][row].Term))];
        Terms = [.. shown.Select(row => all[0][row].Term)];
    }

    /// <summary>Gets the unit: heads where what they read was summed over tokens.</summary>
    public AttributionUnit Unit { get; }

    /// <summary>Gets the parts that are shown, in the order of the model, without rounding.</summary>
    public ImmutableArray<ResidualTerm> Terms { get; }

    /// <summary>Gets the number of rows that are not shown.</summary>
    public int LeftOut => all[0].Length - shown.Length;

    /// <summary>Gets whether each row contains those before it, so that rows must not be summed.</summary>
    public bool IsCumulative => Unit == AttributionUnit.CumulativeLayer;

    /// <summary>Returns the units of a page; rows by source token become rows of heads.</summary>
    /// <param name="kinds">The attributions of each unit, <c>[view]</c>.</param>
    /// <param name="order">The units in their order.</param>
    /// <param name="measured">The explained logits, <c>[view]</c>.</param>
    /// <param name="shows">Tells which rows are shown.</param>
    public static IEnumerable<UnitRows> Of(
        IReadOnlyDictionary<AttributionUnit, ImmutableArray<LogitAttribution>> kinds,
        ImmutableArray<AttributionUnit> order,
        ImmutableArray<LogitAttribution> measured,
        Func<ResidualTerm, bool> shows)
    {
        var sublayers = kinds.GetValueOrDefault(AttributionUnit.Sublayer);
        foreach (var unit in order)
        {
            var views = kinds[unit];
            if (unit == AttributionUnit.HeadBySource && kinds.ContainsKey(AttributionUnit.Head))
                continue;
            var isHeads = unit is AttributionUnit.Head or AttributionUnit.HeadBySource;
            yield return new(
                isHeads ? AttributionUnit.Head : unit,
                views.Select((view, place) => isHeads
                    ? Heads(Parts(view), sublayers.IsDefault ? [] : Parts(sublayers[place]))
                    : Parts(view)),
                measured,
                shows);
        }
    }

    /// <summary>Returns the shown rows of a view.</summary>
    public IEnumerable<double> ValuesOf(int view) => shown.Select(row => all[view][row].Value);

    /// <summary>Returns the sum of the rows of a view that are not shown; 0 of streams, which are not summed.</summary>
    public double Unaccounted(int view) => IsCumulative || LeftOut == 0
        ? 0
        : all[view].Sum(row => row.Value) - ValuesOf(view).Sum();

    /// <summary>Returns what is missing from the sum of all rows of a view, or from the last stream.</summary>
    public double Rounding(int view) =>
        measured[view] - (IsCumulative ? all[view][^1].Value : all[view].Sum(row => row.Value));

    /// <summary>Returns the numbers of a view: the shown rows, those left out, and rounding.</summary>
    public IEnumerable<double> NumbersOf(int view) => [.. ValuesOf(view), Unaccounted(view), Rounding(view)];

    /// <summary>Returns mean and spread over all views of each of the numbers.</summary>
    public IEnumerable<MeanAndSpread> Means()
    {
        double[][] numbers = [.. Enumerable.Range(0, all.Length).Select(view => NumbersOf(view).ToArray())];
        return Enumerable.Range(0, Terms.Length + 2)
            .Select(row => MeanAndSpread.Of(numbers.Select(view => (double?)view[row])));
    }

    static ImmutableArray<Contribution> Parts(LogitAttribution view) =>
        [.. view.Terms.Where(row => row.Term is not ResidualTerm.Rounding)];

    // Heads among the sublayers that are no attention, in the order of the model; without sublayers, the remainder
    // stands for these.
    static ImmutableArray<Contribution> Heads(
        ImmutableArray<Contribution> rows, ImmutableArray<Contribution> sublayers)
    {
        List<Contribution> heads = [.. rows.Where(row => row.Term is ResidualTerm.Head)];
        foreach (var sources in rows.Where(row => row.Term is ResidualTerm.HeadSource)
            .GroupBy(row => ((ResidualTerm.HeadSource)row.Term).Index))
            heads.Add(new(new ResidualTerm.Head(sources.Key), sources.Sum(row => row.Value)));
        if (sublayers.IsEmpty)
            return [.. heads, .. rows.Where(row => row.Term is not (ResidualTerm.Head or ResidualTerm.HeadSource))];
        var byLayer = heads.ToLookup(row => ((ResidualTerm.Head)row.Term).Index.Layer);
        return
        [
            .. sublayers.SelectMany(row =>
                row.Term is ResidualTerm.Attention { Layer: var layer } ? byLayer[layer] : [row]),
        ];
    }
}
