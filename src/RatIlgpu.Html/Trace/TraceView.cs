using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>One trace with its layouts, and their JSON for the script.</summary>
sealed class TraceView : IPathView
{
    readonly Func<ColumnMode, double>? unitOf;
    readonly Dictionary<(int Key, int Query), int> linkOf = [];
    readonly Dictionary<(int Key, int Query), LinkExplanation> explanations = [];

    /// <summary>Makes the view of a trace.</summary>
    /// <param name="result">The trace.</param>
    /// <param name="unitOf">The pixels per share for each meaning of the columns; null lets each layout choose.</param>
    public TraceView(TraceResult result, Func<ColumnMode, double>? unitOf = null)
    {
        this.unitOf = unitOf;
        Result = DrawnTrace.Of(result);
        Whole = result;
        Drawn = new([.. Result.Paths.Select(path => path.Positions)], Result.PathWeights);
        for (var link = 0; link < Links.Length; link++)
            linkOf[(Links[link].Source, Links[link].Target)] = link;
        foreach (var one in Result.Explanations)
            explanations[(one.Source, one.Target)] = one;
    }

    /// <summary>Gets the trace with the paths that are drawn.</summary>
    public TraceResult Result { get; }

    /// <summary>Gets the trace with every path that was found.</summary>
    public TraceResult Whole { get; }

    /// <summary>Gets the paths that are drawn: the strongest.</summary>
    public PathSet Drawn { get; }

    public ImmutableArray<SankeyLink> Links => Result.Sankey.Links;

    /// <summary>Returns why the head attends along a link; null if that is unknown.</summary>
    public LinkExplanation? ExplanationOf(SankeyLink link) =>
        explanations.GetValueOrDefault((link.Source, link.Target));

    /// <inheritdoc/>
    public ValueArray<TokenText> Tokens => Result.Tokens;

    /// <inheritdoc/>
    public int PromptLength => Result.PromptLength;

    /// <inheritdoc/>
    public IEnumerable<int>? Mask => Result.Options.AttentionMask;

    /// <inheritdoc/>
    public ImmutableArray<(string Name, string Value)> Facts => TraceWords.Facts(Whole);

    /// <inheritdoc/>
    public ValueArray<string> Notices => Result.Notices;

    /// <inheritdoc/>
    public string Exported() => TraceJson.Write(DrawnTrace.ForExport(Result, Whole));

    /// <summary>Writes the JSON of a page, or of a side of one, that has this trace alone.</summary>
    public void WriteJson(Utf8JsonWriter json) =>
        TraceData.WriteWhole(json, Result.Tokens, Result.PromptLength, Mask, WriteMembers);

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter json)
    {
        json.WriteNumber("target", Result.TargetPosition);
        json.WriteNumber("layer", Result.Layer);
        if (Result.Options.Weights != AttentionWeights.Standard)
            json.WriteString("measure", PathText.MeasureOf(Result.Options.Weights));
        // In millionths: precise enough for a shade and a number, in a third of the bytes.
        TraceData.Array(
            json, "targetAttention", Result.TargetAttention.Select(attention => (int)Math.Round(attention * 1e6)),
            json.WriteNumberValue);
        WritePaths(json);
        WriteLinks(json);
        json.WriteStartObject("self");
        foreach (var (position, attention) in Result.SelfAttention)
            json.WriteNumber(position.ToString(CultureInfo.InvariantCulture), Math.Round(attention, 6));
        json.WriteEndObject();
        json.WriteStartObject("layouts");
        WriteLayout(json, "hops", LayoutOf(ColumnMode.Hops));
        WriteLayout(json, "position", LayoutOf(ColumnMode.Position));
        json.WriteEndObject();
        if (TraceWords.WhyEmpty(Whole) is { } reason)
            json.WriteString("empty", reason);
    }

    /// <summary>Returns the index of the link that a ribbon belongs to.</summary>
    public int LinkOf(Ribbon ribbon) => linkOf[(ribbon.Key, ribbon.Query)];

    /// <summary>Returns the layout of the drawn paths.</summary>
    public SankeyLayout LayoutOf(ColumnMode mode) => SankeyLayout.Of(Drawn, mode, unitOf?.Invoke(mode));

    void WritePaths(Utf8JsonWriter json)
    {
        json.WriteStartArray("paths");
        foreach (var (path, weight) in Result.Paths.Zip(Result.PathWeights))
        {
            json.WriteStartObject();
            TraceData.Array(json, "at", path.Positions, json.WriteNumberValue);
            TraceData.Array(
                json, "attention", path.EdgeAttentions, value => json.WriteNumberValue(SankeyJson.Short(value)));
            json.WriteNumber("raw", SankeyJson.Short(path.RawScore));
            json.WriteNumber("score", SankeyJson.Short(path.Score));
            json.WriteNumber("share", SankeyJson.Short(weight));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    void WriteLinks(Utf8JsonWriter json)
    {
        json.WriteStartArray("links");
        foreach (var link in Links)
        {
            json.WriteStartObject();
            json.WriteNumber("key", link.Source);
            json.WriteNumber("query", link.Target);
            json.WriteNumber("attention", SankeyJson.Short(link.Attention));
            json.WriteNumber("value", SankeyJson.Short(link.Value));
            TraceData.Array(json, "paths", link.PathIndices, json.WriteNumberValue);
            if (ExplanationOf(link) is { } why)
                WriteExplanation(json, why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteExplanation(Utf8JsonWriter json, LinkExplanation why)
    {
        json.WriteStartObject("why");
        json.WriteNumber("score", SankeyJson.Short(why.Score));
        json.WriteNumber("attention", SankeyJson.Short(why.Attention));
        json.WriteNumber("alone", SankeyJson.Short(why.PositionAlone));
        json.WriteNumber("rest", SankeyJson.Short(why.Rest));
        TraceData.Array(json, "pairs", why.Pairs, pair =>
        {
            json.WriteStartArray();
            json.WriteStringValue(TraceWords.PairOf(pair));
            json.WriteNumberValue(SankeyJson.Short(pair.Value));
            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    void WriteLayout(Utf8JsonWriter json, string name, SankeyLayout layout)
    {
        json.WriteStartObject(name);
        SankeyJson.Write(json, layout, Labels.Of(layout, TextOf), TextOf, LinkOf);
        json.WriteEndObject();
    }

    /// <summary>Returns the visible text of a token.</summary>
    public string TextOf(int position) => TokenGlyphs.Show(Result.Tokens[position], TraceData.LongestShown);
}
