using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>One flow with its layout, and their JSON for the script.</summary>
sealed class FlowView : IPathView
{
    readonly double? unit;
    readonly Dictionary<(int Key, int Query), int> linkOf = [];

    /// <summary>Makes the view of a flow.</summary>
    /// <param name="result">The flow.</param>
    /// <param name="unit">The pixels per probability; null lets the layout choose.</param>
    public FlowView(FlowResult result, double? unit = null)
    {
        this.unit = unit;
        Result = DrawnFlow.Of(result);
        Whole = result;
        Drawn = DrawnFlow.PlacesOf(Result);
        Links = LinksOf();
        Routes = FlowRoutes.Of(Result);
    }

    /// <summary>Gets the flow with the paths that are drawn.</summary>
    public FlowResult Result { get; }

    /// <summary>Gets the flow with every path that was found.</summary>
    public FlowResult Whole { get; }

    /// <summary>Gets the paths that are drawn, by places.</summary>
    public PathSet Drawn { get; }

    /// <summary>Gets the steps of the paths that are drawn, each once, in the order of the paths.</summary>
    public ImmutableArray<FlowLink> Links { get; }

    /// <summary>Gets the moves of each path in words.</summary>
    public ImmutableArray<string> Routes { get; }

    /// <inheritdoc/>
    public ValueArray<TokenText> Tokens => Result.Tokens;

    /// <inheritdoc/>
    public int PromptLength => Result.PromptLength;

    /// <inheritdoc/>
    public IEnumerable<int>? Mask => Result.Options.AttentionMask;

    /// <inheritdoc/>
    public ImmutableArray<(string Name, string Value)> Facts => FlowWords.Facts(Whole);

    /// <inheritdoc/>
    public ValueArray<string> Notices => Result.Notices;

    /// <inheritdoc/>
    public string Exported() => FlowJson.Write(Result);

    /// <summary>Returns the layout of the drawn paths.</summary>
    public FlowLayout Layout() => FlowLayout.Of(
        Drawn, Result.Tokens.Length, Result.Options.FromLayer.Value, TextOf, unit);

    /// <summary>Returns the index of the step that a ribbon belongs to.</summary>
    public int LinkOf(Ribbon ribbon) => linkOf[(ribbon.Key, ribbon.Query)];

    /// <summary>Returns the visible text of a position.</summary>
    public string TextOf(int position) => TokenGlyphs.Show(Result.Tokens[position], TraceData.LongestShown);

    /// <summary>Returns the position of a place.</summary>
    public int PositionOf(int place) => place % Result.Tokens.Length;

    /// <summary>Returns the layer of a step.</summary>
    public int LayerOf(FlowLink link) => Result.Options.FromLayer.Value + (link.Key / Result.Tokens.Length);

    /// <summary>Writes the JSON of a page, or of a side of one, that has this flow alone.</summary>
    public void WriteJson(Utf8JsonWriter json) =>
        TraceData.WriteWhole(json, Result.Tokens, Result.PromptLength, Mask, WriteMembers);

    /// <inheritdoc/>
    public void WriteMembers(Utf8JsonWriter json)
    {
        var (from, to) = (Result.Options.FromLayer.Value, Result.Options.ToLayer.Value);
        json.WriteNumber("target", Result.TargetPosition);
        json.WriteNumber("fromLayer", from);
        json.WriteNumber("layer", to);
        json.WriteNumber("placeCount", (to - from + 2) * Result.Tokens.Length);
        TraceData.Array(json, "shares", Result.Shares, share => json.WriteNumberValue(SankeyJson.Short(share)));
        WritePaths(json);
        TraceData.Array(json, "links", Links, link =>
        {
            json.WriteStartObject();
            json.WriteNumber("key", link.Key);
            json.WriteNumber("query", link.Query);
            json.WriteNumber("flow", SankeyJson.Short(link.Flow));
            TraceData.Array(json, "paths", link.Paths, json.WriteNumberValue);
            json.WriteEndObject();
        });
        json.WriteStartObject("layouts");
        json.WriteStartObject("layers");
        WriteLayout(json, Layout());
        json.WriteEndObject();
        json.WriteEndObject();
        if (FlowWords.WhyEmpty(Whole) is { } reason)
            json.WriteString("empty", reason);
    }

    void WritePaths(Utf8JsonWriter json)
    {
        json.WriteStartArray("paths");
        foreach (var (index, path) in Result.Paths.Index())
        {
            json.WriteStartObject();
            TraceData.Array(json, "at", Drawn.Paths[index], json.WriteNumberValue);
            TraceData.Array(json, "flows", path.Flows, flow => json.WriteNumberValue(SankeyJson.Short(flow)));
            json.WriteNumber("score", SankeyJson.Short(path.Score));
            json.WriteNumber("share", SankeyJson.Short(path.Probability));
            json.WriteString("route", Routes[index]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    void WriteLayout(Utf8JsonWriter json, FlowLayout layout)
    {
        SankeyJson.Write(json, layout.Drawing, [], TextOf, LinkOf);
        json.WriteNumber("narrowWidth", FlowLayout.NarrowWidth);
        TraceData.Array(json, "narrow", layout.Narrow, json.WriteNumberValue);
        TraceData.Array(json, "lanes", layout.Lanes, lane =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(lane.Slots.Position);
            json.WriteNumberValue(SankeyJson.Pixels(lane.Top));
            json.WriteNumberValue(SankeyJson.Pixels(lane.Height));
            SankeyJson.WriteLabel(json, lane.Label, TextOf);
            json.WriteEndArray();
        });
        TraceData.Array(json, "heads", layout.Heads, head =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(SankeyJson.Pixels(head.X));
            json.WriteStringValue(head.Text);
            json.WriteEndArray();
        });
    }

    ImmutableArray<FlowLink> LinksOf()
    {
        var links = new List<(int Key, int Query, double Flow, List<int> Paths)>();
        foreach (var (path, places) in Drawn.Paths.Index())
            for (var step = 0; step + 1 < places.Length; step++)
            {
                var ends = (places[step + 1], places[step]);
                if (!linkOf.TryGetValue(ends, out var link))
                {
                    linkOf.Add(ends, link = links.Count);
                    links.Add((ends.Item1, ends.Item2, Result.Paths[path].Flows[step], []));
                }

                links[link].Paths.Add(path);
            }

        return [.. links.Select(link => new FlowLink(link.Key, link.Query, link.Flow, [.. link.Paths]))];
    }
}

/// <summary>A step that some paths take.</summary>
/// <param name="Key">The place that is read.</param>
/// <param name="Query">The place that reads.</param>
/// <param name="Flow">The share of the step.</param>
/// <param name="Paths">The paths, ascending.</param>
sealed record FlowLink(int Key, int Query, double Flow, ImmutableArray<int> Paths);
