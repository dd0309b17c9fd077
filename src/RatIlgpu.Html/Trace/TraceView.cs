using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>The layers of a trace's page, and their JSON for the script.</summary>
sealed class TraceView
{
    /// <summary>The largest number of characters of a token that are shown; the data hold the whole token.</summary>
    public const int LongestShown = 400;

    public TraceView(ImmutableArray<TraceResult> results, Func<ColumnMode, double>? unitOf = null) =>
        Layers = [.. results.Select(result => new LayerView(result, unitOf))];

    /// <summary>Gets the layers, ascending; the page opens at the last one.</summary>
    public ImmutableArray<LayerView> Layers { get; }

    /// <summary>Gets the layer that the page opens at.</summary>
    public LayerView First => Layers[^1];

    public TraceResult Result => First.Result;

    public bool HasSeveral => Layers.Length > 1;

    /// <summary>Writes the JSON for the script.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteDrawing(json);
        json.WriteNumber("target", Result.TargetPosition);
        WriteTokens(json);
        if (HasSeveral)
            Array(json, "layers", Layers, layer =>
            {
                json.WriteStartObject();
                layer.WriteMembers(json);
                json.WriteEndObject();
            });
        else
            First.WriteMembers(json);
        json.WriteEndObject();
    }

    /// <summary>Writes the members that every drawing needs.</summary>
    public static void WriteDrawing(Utf8JsonWriter json)
    {
        json.WriteNumber("barWidth", SankeyLayout.BarWidth);
        json.WriteNumber("hues", Palette.Paths.Length);
    }

    void WriteTokens(Utf8JsonWriter json)
    {
        Array(json, "tokens", Result.Tokens, token => json.WriteStringValue(token.Text));
        Array(json, "ids", Result.Tokens, token => json.WriteNumberValue(token.Id));
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

    static string Decimal(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes an array as a member.</summary>
    public static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        json.WriteEndArray();
    }
}

/// <summary>Computes the shares of links.</summary>
static class Shares
{
    extension(TraceResult trace)
    {
        /// <summary>Returns the sum of the weights of the paths that take a link, in [0, 1].</summary>
        public double ShareOf(SankeyLink link) => link.PathIndices.Sum(path => trace.PathWeights[path]);
    }
}
