using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>What a page of one of the two tests shows.</summary>
abstract class TestView
{
    /// <summary>Gets the kind of the page and of its file.</summary>
    public abstract string Kind { get; }

    /// <summary>Gets the title of a page that has no other.</summary>
    public abstract string Title { get; }

    public abstract ValueArray<HeadIndex> Heads { get; }

    /// <summary>Gets the components that are taken out instead of heads; null where heads are.</summary>
    public abstract AblatedComponents? Components { get; }

    public abstract ValueArray<AblationSample> Samples { get; }

    /// <summary>Gets the layers, from that of the heads on.</summary>
    public abstract ImmutableArray<int> Layers { get; }

    /// <summary>Gets what the test found, in sentences.</summary>
    public abstract IEnumerable<string> Findings { get; }

    /// <summary>Gets what the help says of the test.</summary>
    public abstract IEnumerable<(string What, string Meaning)> Meanings { get; }

    /// <summary>Gets the facts that are not of every test.</summary>
    public virtual IEnumerable<(string Name, string Value)> Facts => [];

    /// <summary>Gets the names of the columns of the table.</summary>
    public abstract ImmutableArray<string> Columns { get; }

    /// <summary>Gets the rows of the table, without the layer; null for no output.</summary>
    public abstract IEnumerable<ImmutableArray<string>> RowsOf(int layer);

    /// <summary>Throws if there is nothing to show.</summary>
    /// <exception cref="ArgumentException">There is no sample, head or layer.</exception>
    public void Check()
    {
        if (Samples.IsEmpty || Heads.IsEmpty || Layers.IsEmpty)
            throw new ArgumentException($"The {Kind} has no sample, head or layer, expected one of each at least.");
    }

    /// <summary>Writes the data of the page.</summary>
    public void Write(Utf8JsonWriter json, TokenTable tokens, AblationPageOptions options)
    {
        json.WriteStartObject();
        FileHead.Write(json, Kind, options.Model, options.Origin);
        TraceData.WriteHeads(json, "heads", Heads);
        if (Components is not null)
            json.WriteString("components", Components.ToString());
        AblationBlocks.WriteSamples(json, Samples, tokens);
        TraceData.Array(json, "layers", Layers, layer =>
        {
            json.WriteStartObject();
            json.WriteNumber("layer", layer);
            WriteLayer(json, layer);
            json.WriteEndObject();
        });
        WriteRest(json);
        AblationBlocks.WriteTexts(json, tokens);
        json.WriteEndObject();
    }

    /// <summary>Writes what the test found in a layer.</summary>
    protected abstract void WriteLayer(Utf8JsonWriter json, int layer);

    /// <summary>Writes what is of no layer.</summary>
    protected virtual void WriteRest(Utf8JsonWriter json)
    {
    }

    /// <summary>Writes a measured output: projection, then cosine.</summary>
    protected static void WriteOutput(
        Utf8JsonWriter json, string name, MeanAndSpread projection, MeanAndSpread cosine) =>
        TraceData.Array(json, name, [projection, cosine], number => AblationBlocks.WriteSpread(json, number));
}

/// <summary>A redundancy test on a page.</summary>
sealed class RedundancyView(RedundancyReport report) : TestView
{
    public override string Kind => "redundancy";

    public override string Title => RedundancyWords.TitleOf(report);

    public override ValueArray<HeadIndex> Heads => report.Heads;

    public override AblatedComponents? Components => report.Components;

    public override ValueArray<AblationSample> Samples => report.Samples;

    public override ImmutableArray<int> Layers { get; } =
        [.. report.Comparisons.Select(one => one.Layer).Distinct().Order()];

    public override IEnumerable<string> Findings => RedundancyWords.Findings(report);

    public override IEnumerable<(string What, string Meaning)> Meanings => RedundancyWords.OfTest;

    public override IEnumerable<(string Name, string Value)> Facts =>
        report.ValueHeads == report.Heads && report.Components is null
            ? []
            : [("Own values", AblationWords.Listed(report.ValueHeads))];

    public override ImmutableArray<string> Columns => ["Comparison", "NIP", "± spread", "Cosine", "± spread"];

    public override IEnumerable<ImmutableArray<string>> RowsOf(int layer) =>
        from one in report.Comparisons
        where one.Layer == layer
        select (ImmutableArray<string>)
        [
            one.Name, AblationWords.Number(one.Projection.Mean),
            AblationWords.Number(one.Projection.Spread), AblationWords.Number(one.Cosine.Mean),
            AblationWords.Number(one.Cosine.Spread),
        ];

    protected override void WriteLayer(Utf8JsonWriter json, int layer) =>
        TraceData.Array(json, "pairs", report.Comparisons.Where(one => one.Layer == layer), one =>
        {
            json.WriteStartObject();
            json.WriteString("pair", JsonNamingPolicy.SnakeCaseLower.ConvertName(one.Pair.ToString()));
            json.WriteString("name", one.Name);
            WriteOutput(json, "output", one.Projection, one.Cosine);
            json.WriteEndObject();
        });

    protected override void WriteRest(Utf8JsonWriter json)
    {
        TraceData.WriteHeads(json, "valueHeads", report.ValueHeads);
        json.WriteStartObject("index");
        foreach (var (name, value) in new[]
        {
            ("redundancy", report.Redundancy), ("own_redundancy", report.OwnRedundancy),
            ("interaction", report.Interaction), ("own_interaction", report.OwnInteraction),
        })
            if (value is { } some && double.IsFinite(some))
                json.WriteNumber(name, some);
            else
                json.WriteNull(name);
        json.WriteEndObject();
    }
}

/// <summary>An offset sweep on a page.</summary>
sealed class SweepView(OffsetSweep sweep) : TestView
{
    public override string Kind => "offset-sweep";

    public override string Title => RedundancyWords.TitleOf(sweep);

    public override ValueArray<HeadIndex> Heads => sweep.Heads;

    public override AblatedComponents? Components => sweep.Components;

    public override ValueArray<AblationSample> Samples => sweep.Samples;

    public override ImmutableArray<int> Layers { get; } = [.. sweep.Layers.Select(layer => layer.Layer)];

    public override IEnumerable<string> Findings => RedundancyWords.Findings(sweep);

    public override IEnumerable<(string What, string Meaning)> Meanings => RedundancyWords.OfSweep;

    public override ImmutableArray<string> Columns =>
        ["Offset", "Values: NIP", "± spread", "Both: NIP", "± spread", "Difference", "Values: cosine", "Both: cosine"];

    public override IEnumerable<ImmutableArray<string>> RowsOf(int layer) =>
        from point in Of(layer).Points
        select (ImmutableArray<string>)
        [
            point.Offset.ToString(CultureInfo.InvariantCulture), AblationWords.Number(point.Values.Projection.Mean),
            AblationWords.Number(point.Values.Projection.Spread), AblationWords.Number(point.Both.Projection.Mean),
            AblationWords.Number(point.Both.Projection.Spread), AblationWords.Number(point.Difference),
            AblationWords.Number(point.Values.Cosine.Mean), AblationWords.Number(point.Both.Cosine.Mean),
        ];

    protected override void WriteLayer(Utf8JsonWriter json, int layer)
    {
        var alone = Of(layer).HeadsAlone;
        WriteOutput(json, "alone", alone.Projection, alone.Cosine);
        TraceData.Array(json, "offsets", Of(layer).Points, point =>
        {
            json.WriteStartObject();
            json.WriteNumber("offset", point.Offset);
            WriteOutput(json, "values", point.Values.Projection, point.Values.Cosine);
            WriteOutput(json, "both", point.Both.Projection, point.Both.Cosine);
            json.WriteEndObject();
        });
    }

    SweepOfLayer Of(int layer) => sweep.Layers.First(one => one.Layer == layer);
}
