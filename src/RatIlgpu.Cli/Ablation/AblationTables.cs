using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Ablation;

/// <summary>The tables of studies, of redundancy tests, of sweeps and of comparisons of attention.</summary>
static class AblationTables
{
    /// <summary>The name of the metadata of a Parquet file, by which it is known.</summary>
    public const string Mark = "ratilgpu.ablation";

    /// <summary>Gets the kinds of the JSON files.</summary>
    public static readonly ImmutableArray<string> Kinds =
        ["ablation", "redundancy", "offset-sweep", "attention-distances"];

    /// <summary>Gets the first lines of the CSV files, by which they are known.</summary>
    public static ImmutableArray<string> Headers =>
    [
        Of(new AblationReport(new(), [], [])).Header, Of(new RedundancyReport([], [], [], [])).Header,
        Of(new OffsetSweep([], [], [])).Header, Of(new AttentionComparison(0, [], [], [])).Header,
    ];

    /// <summary>Returns the table of a study, a row for each condition and layer: means over the samples with their
    /// spreads.</summary>
    public static ResultTable Of(AblationReport report)
    {
        var rows = report.Conditions.SelectMany(effect => effect.Layers.Select(layer => (effect, layer))).ToList();
        return new(
        [
            TableColumn.Of("condition", rows.Select(row => row.effect.Condition.ToString())),
            TableColumn.Of("part", rows.Select(row => Words.Of(row.effect.Condition.Part))),
            TableColumn.Of("kind", rows.Select(row => Words.Of(row.effect.Condition.Kind))),
            TableColumn.Of("heads", rows.Select(row => string.Join(' ', row.effect.Condition.Heads))),
            TableColumn.Of("layer", rows.Select(row => row.layer.Layer)),
            .. Columns("projection", rows.Select(row => row.layer.Projection)),
            .. Columns("cosine", rows.Select(row => row.layer.Cosine)),
            .. Columns("divergence", rows.Select(row => row.effect.Divergence)),
            .. Columns("changed", rows.Select(row => row.effect.Changed)),
        ]);
    }

    /// <summary>Returns the table of a redundancy test, a row for each comparison and layer.</summary>
    public static ResultTable Of(RedundancyReport report) => new(
    [
        TableColumn.Of("pair", report.Comparisons.Select(one => Words.Of(one.Pair))),
        TableColumn.Of("layer", report.Comparisons.Select(one => one.Layer)),
        .. Columns("projection", report.Comparisons.Select(one => one.Projection)),
        .. Columns("cosine", report.Comparisons.Select(one => one.Cosine)),
    ]);

    /// <summary>Returns the table of a sweep, a row for each layer and offset; the run without the heads alone is that
    /// of the layer.</summary>
    public static ResultTable Of(OffsetSweep sweep)
    {
        var rows = sweep.Layers.SelectMany(layer => layer.Points.Select(point => (layer, point))).ToList();
        return new(
        [
            TableColumn.Of("layer", rows.Select(row => row.layer.Layer)),
            TableColumn.Of("offset", rows.Select(row => row.point.Offset)),
            .. Columns("values_projection", rows.Select(row => row.point.Values.Projection)),
            .. Columns("values_cosine", rows.Select(row => row.point.Values.Cosine)),
            .. Columns("both_projection", rows.Select(row => row.point.Both.Projection)),
            .. Columns("both_cosine", rows.Select(row => row.point.Both.Cosine)),
            .. Columns("heads_projection", rows.Select(row => row.layer.HeadsAlone.Projection)),
            .. Columns("heads_cosine", rows.Select(row => row.layer.HeadsAlone.Cosine)),
            TableColumn.Of("difference", rows.Select(row => row.point.Difference)),
        ]);
    }

    /// <summary>Returns the table of a comparison of attention, a row for each condition, head and offset.</summary>
    public static ResultTable Of(AttentionComparison comparison)
    {
        var rows =
            (from condition in comparison.Conditions.Index()
             from head in comparison.Heads
             from offset in Enumerable.Range(0, comparison.Most + 1)
             let changed = head.Conditions[condition.Index]
             select (condition.Item, head.Head, offset, Before: head.Before[offset], After: changed.After[offset],
                 Difference: changed.Difference[offset])).ToList();
        return new(
        [
            TableColumn.Of("condition", rows.Select(row => row.Item.ToString())),
            TableColumn.Of("head", rows.Select(row => row.Head.ToString())),
            TableColumn.Of("offset", rows.Select(row => row.offset)),
            .. Columns("before", rows.Select(row => row.Before)),
            .. Columns("after", rows.Select(row => row.After)),
            .. Columns("difference", rows.Select(row => row.Difference)),
            TableColumn.Of("difference_error", rows.Select(row => (double?)row.Difference.StandardError)),
        ]);
    }

    static ImmutableArray<TableColumn> Columns(string name, IEnumerable<MeanAndSpread> numbers) =>
    [
        TableColumn.Of(name, numbers.Select(number => (double?)number.Mean)),
        TableColumn.Of($"{name}_spread", numbers.Select(number => (double?)number.Spread)),
        TableColumn.Of($"{name}_count", numbers.Select(number => number.Count)),
    ];
}
