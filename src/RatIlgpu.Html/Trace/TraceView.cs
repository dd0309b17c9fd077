using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>One trace with its layouts, and their JSON for the script.</summary>
sealed class TraceView
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

    /// <summary>Returns the file that the page exports.</summary>
    public string Exported() => TraceJson.Write(DrawnTrace.ForExport(Result, Whole));

    /// <summary>Writes the JSON of a page, or of a side of one, that has this trace alone.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        TraceData.WriteDrawing(json);
        TraceData.WriteTokens(json, Result);
        WriteMembers(json);
        json.WriteEndObject();
    }

    /// <summary>Writes the members that depend on more than the prompt.</summary>
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
            TraceData.Array(json, "attention", path.EdgeAttentions, value => json.WriteNumberValue(Short(value)));
            json.WriteNumber("raw", Short(path.RawScore));
            json.WriteNumber("score", Short(path.Score));
            json.WriteNumber("share", Short(weight));
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
            json.WriteNumber("attention", Short(link.Attention));
            json.WriteNumber("value", Short(link.Value));
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
        json.WriteNumber("score", Short(why.Score));
        json.WriteNumber("attention", Short(why.Attention));
        json.WriteNumber("alone", Short(why.PositionAlone));
        json.WriteNumber("rest", Short(why.Rest));
        TraceData.Array(json, "pairs", why.Pairs, pair =>
        {
            json.WriteStartArray();
            json.WriteStringValue(TraceWords.PairOf(pair));
            json.WriteNumberValue(Short(pair.Value));
            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    void WriteLayout(Utf8JsonWriter json, string name, SankeyLayout layout)
    {
        json.WriteStartObject(name);
        json.WriteNumber("width", Pixels(layout.Width));
        json.WriteNumber("height", Pixels(layout.Height));
        var labels = Labels.Of(layout, TextOf).ToDictionary(label => label.Position);
        TraceData.Array(json, "bars", layout.Bars, bar =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(bar.Position);
            json.WriteNumberValue(Pixels(bar.Left));
            json.WriteNumberValue(Pixels(bar.Top));
            json.WriteNumberValue(Pixels(bar.Height));
            if (labels.TryGetValue(bar.Position, out var label))
                WriteLabel(json, label);
            json.WriteEndArray();
        });
        TraceData.Array(json, "ribbons", layout.Ribbons, ribbon =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(ribbon.Path);
            json.WriteNumberValue(LinkOf(ribbon));
            json.WriteNumberValue(Pixels(ribbon.Width));
            foreach (var (x, y) in ribbon.Line)
            {
                json.WriteNumberValue(Pixels(x));
                json.WriteNumberValue(Pixels(y));
            }

            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    // Writes the text only if it is shortened; the page has the whole token.
    void WriteLabel(Utf8JsonWriter json, Label label)
    {
        var (anchor, x) = label.Anchor;
        json.WriteStringValue(anchor);
        json.WriteNumberValue(Pixels(x));
        json.WriteNumberValue(Pixels(label.Box.Top));
        json.WriteNumberValue(Pixels(label.Box.Width));
        if (label.Text != TextOf(label.Position))
            json.WriteStringValue(label.Text);
    }

    /// <summary>Returns the visible text of a token.</summary>
    public string TextOf(int position) => TokenGlyphs.Show(Result.Tokens[position], TraceData.LongestShown);

    // Nine digits tell every F32 from its neighbours; more would only enlarge the page.
    static double Short(double number) =>
        double.Parse(number.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Returns a length as the page has it: a tenth of a pixel is finer than a screen shows.</summary>
    static double Pixels(double length) => Math.Round(length, 1);
}
