using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using RatIlgpu.Html.Sankey;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Trace;

/// <summary>A trace with its layouts, as the page's script reads it.</summary>
sealed class TraceView
{
    // Nobody reads more of one token than this; the data keep all of it.
    const int LongestShown = 400;

    readonly PathSet paths;
    readonly Dictionary<(int Key, int Query), int> linkOf = [];

    public TraceView(TraceResult result)
    {
        Result = result;
        paths = new([.. result.Paths.Select(path => path.Positions)], result.PathWeights);
        for (var link = 0; link < Links.Length; link++)
            linkOf[(Links[link].Source, Links[link].Target)] = link;
    }

    public TraceResult Result { get; }

    public ImmutableArray<SankeyLink> Links => Result.Sankey.Links;

    /// <summary>Returns the sum of the weights of the paths that take a link, in [0, 1].</summary>
    public double ShareOf(SankeyLink link) => link.PathIndices.Sum(path => Result.PathWeights[path]);

    /// <summary>Writes all the page's script needs to know.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("target", Result.TargetPosition);
        WriteTokens(json);
        WritePaths(json);
        WriteLinks(json);
        json.WriteStartObject("self");
        foreach (var (position, attention) in Result.SelfAttention)
            json.WriteNumber(Decimal(position), Math.Round(attention, 6));
        json.WriteEndObject();
        json.WriteStartObject("layouts");
        WriteLayout(json, "hops", SankeyLayout.Of(paths, ColumnMode.Hops));
        WriteLayout(json, "position", SankeyLayout.Of(paths, ColumnMode.Position));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    void WriteTokens(Utf8JsonWriter json)
    {
        Array(json, "tokens", Result.Tokens, token => json.WriteStringValue(token.Text));
        Array(json, "ids", Result.Tokens, token => json.WriteNumberValue(token.Id));
        // In millionths: enough for a colour and a read-out, and a third of the bytes.
        Array(json, "targetAttention", Result.TargetAttention.Select(attention => (int)Math.Round(attention * 1e6)),
            json.WriteNumberValue);
        json.WriteStartObject("shown");
        for (var i = 0; i < Result.Tokens.Length; i++)
        {
            var token = Result.Tokens[i];
            var shown = TokenGlyphs.Show(token, LongestShown);
            if (shown != token.Text.Replace(' ', TokenGlyphs.Space))
                json.WriteString(Decimal(i), shown);
        }

        json.WriteEndObject();
    }

    void WritePaths(Utf8JsonWriter json)
    {
        json.WriteStartArray("paths");
        foreach (var (path, weight) in Result.Paths.Zip(Result.PathWeights))
        {
            json.WriteStartObject();
            Array(json, "at", path.Positions, json.WriteNumberValue);
            Array(json, "attention", path.EdgeAttentions, json.WriteNumberValue);
            json.WriteNumber("raw", path.RawScore);
            json.WriteNumber("score", path.Score);
            json.WriteNumber("share", weight);
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
            json.WriteNumber("attention", link.Attention);
            json.WriteNumber("value", link.Value);
            Array(json, "paths", link.PathIndices, json.WriteNumberValue);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    void WriteLayout(Utf8JsonWriter json, string name, SankeyLayout layout)
    {
        json.WriteStartObject(name);
        json.WriteNumber("width", Pixels(layout.Width));
        json.WriteNumber("height", Pixels(layout.Height));
        Array(json, "bars", layout.Bars, bar =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(bar.Position);
            json.WriteNumberValue(Pixels(bar.Left));
            json.WriteNumberValue(Pixels(bar.Top));
            json.WriteNumberValue(Pixels(bar.Height));
            json.WriteEndArray();
        });
        Array(json, "ribbons", layout.Ribbons, ribbon =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(ribbon.Path);
            json.WriteNumberValue(linkOf[(ribbon.Key, ribbon.Query)]);
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

    // A tenth of a pixel is finer than a screen shows.
    static double Pixels(double length) => Math.Round(length, 1);

    static string Decimal(int number) => number.ToString(CultureInfo.InvariantCulture);

    static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        json.WriteEndArray();
    }
}
