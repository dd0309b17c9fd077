using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Writes the JSON that does not depend on the paths of a trace.</summary>
static class TraceData
{
    /// <summary>The largest number of characters of a token that are shown; the data hold the whole token.</summary>
    public const int LongestShown = 400;

    /// <summary>Writes the members that every drawing needs.</summary>
    public static void WriteDrawing(Utf8JsonWriter json)
    {
        json.WriteNumber("barWidth", SankeyLayout.BarWidth);
        json.WriteNumber("hues", Palette.Paths.Length);
    }

    /// <summary>Writes the object of a page, or of a side of one, that has one result.</summary>
    /// <param name="json">Where it goes.</param>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="promptLength">How many of them were not generated.</param>
    /// <param name="mask">1 for a token, 0 for padding, <c>[tokens]</c>; null for no padding.</param>
    /// <param name="writeMembers">Writes the members that depend on more than the prompt.</param>
    public static void WriteWhole(
        Utf8JsonWriter json, ImmutableArray<TokenText> tokens, int promptLength, IEnumerable<int>? mask,
        Action<Utf8JsonWriter> writeMembers)
    {
        json.WriteStartObject();
        WriteDrawing(json);
        WriteTokens(json, tokens, promptLength);
        WriteRun(json, mask, []);
        writeMembers(json);
        json.WriteEndObject();
    }

    /// <summary>Writes the members about the tokens of a prompt.</summary>
    public static void WriteTokens(Utf8JsonWriter json, ImmutableArray<TokenText> tokens, int promptLength)
    {
        Array(json, "ids", tokens, token => json.WriteNumberValue(token.Id));
        if (promptLength < tokens.Length)
            json.WriteNumber("promptLength", promptLength);
        WriteTexts(json, tokens);
    }

    /// <summary>Writes the texts of tokens, and the visible text of each token that hides something.</summary>
    public static void WriteTexts(Utf8JsonWriter json, ImmutableArray<TokenText> tokens)
    {
        Array(json, "tokens", tokens, token => json.WriteStringValue(token.Text));
        json.WriteStartObject("shown");
        for (var i = 0; i < tokens.Length; i++)
        {
            var shown = TokenGlyphs.Show(tokens[i], LongestShown);
            if (shown != tokens[i].Text.Replace(' ', TokenGlyphs.Space))
                json.WriteString(i.ToString(CultureInfo.InvariantCulture), shown);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the members about what changed the run of a prompt, as far as there are any.</summary>
    /// <param name="json">Where it goes.</param>
    /// <param name="mask">1 for a token, 0 for padding, <c>[tokens]</c>; null for no padding.</param>
    /// <param name="interventions">The lines that describe the interventions, for exported files.</param>
    public static void WriteRun(Utf8JsonWriter json, IEnumerable<int>? mask, ValueArray<string> interventions)
    {
        if (mask is not null)
            Array(json, "mask", mask, json.WriteNumberValue);
        if (!interventions.IsEmpty)
            Array(json, "interventions", interventions, json.WriteStringValue);
    }

    /// <summary>Writes the names of heads.</summary>
    public static void WriteHeads(Utf8JsonWriter json, string name, ValueArray<HeadIndex> heads) =>
        Array(json, name, heads, head => json.WriteStringValue(head.ToString()));

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
