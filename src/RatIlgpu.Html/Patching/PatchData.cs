using System.Buffers.Binary;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes the data of a page of patches.</summary>
static class PatchData
{
    /// <summary>The most curves of a diagram at once.</summary>
    public const int MostDrawn = 200;

    // Of each source and destination.
    const int DrawnOfEach = 12;

    /// <summary>Returns the blocks of the page, the values of each pair in a block of its own.</summary>
    public static IEnumerable<DataBlock> Blocks(PatchSheet sheet, PatchRanks ranks, PatchPageOptions options)
    {
        yield return DataBlock.Json("data", json => Write(json, sheet, ranks, options));
        foreach (var (i, pair) in sheet.Pairs.Index())
            yield return Numbers($"values-{i}", pair.Values);
        if (options.Json is { } file)
            yield return DataBlock.Compressed("file", file);
    }

    /// <summary>Returns a block of numbers of 8 bytes, the lowest byte first.</summary>
    public static DataBlock Numbers(string id, ImmutableArray<double> numbers)
    {
        var bytes = new byte[numbers.Length * sizeof(double)];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * sizeof(double)), numbers[i]);
        return DataBlock.Compressed(id, bytes);
    }

    static void Write(Utf8JsonWriter json, PatchSheet sheet, PatchRanks ranks, PatchPageOptions options)
    {
        json.WriteStartObject();
        json.WriteString("kind", JsonNamingPolicy.KebabCaseLower.ConvertName(sheet.Kind.ToString()));
        json.WriteString("what", sheet.What);
        json.WriteBoolean("hasFile", options.Json is not null);
        json.WriteNumber("sourceAxes", sheet.SourceAxes);
        TraceData.Array(json, "axes", sheet.Axes, axis => WriteAxis(json, axis));
        TraceData.Array(json, "pairs", sheet.Pairs.Index(), pair =>
            WritePair(json, pair.Item, PatchWords.LabelOf(pair.Item, pair.Index, options)));
        if (sheet.Kind != PatchKind.Activation)
            WriteDiagram(json, sheet, ranks);
        json.WriteEndObject();
    }

    static void WriteAxis(Utf8JsonWriter json, SheetAxis axis)
    {
        json.WriteStartObject();
        json.WriteString("name", axis.Name);
        json.WriteString("title", axis.Title);
        json.WriteNumber("length", axis.Length);
        TraceData.Array(json, "labels", axis.Labels, json.WriteStringValue);
        json.WriteEndObject();
    }

    static void WritePair(Utf8JsonWriter json, SheetPair pair, string label)
    {
        json.WriteStartObject();
        json.WriteString("label", label);
        json.WriteString("metric", pair.Metric);
        TraceData.Array(json, "at", pair.MetricPositions, json.WriteNumberValue);
        TraceData.Array(json, "padding", pair.Padding, json.WriteNumberValue);
        WriteNumber(json, "cleanMetric", pair.CleanMetric);
        WriteNumber(json, "corruptedMetric", pair.CorruptedMetric);
        json.WriteString("notice", PatchWords.NoticeOf(pair) ?? "");
        WriteTokens(json, "clean", pair.Clean);
        WriteTokens(json, "corrupted", pair.Corrupted);
        json.WriteEndObject();
    }

    static void WriteTokens(Utf8JsonWriter json, string name, ImmutableArray<TokenText> tokens)
    {
        json.WriteStartObject(name);
        TraceData.Array(json, "tokens", tokens, token => json.WriteStringValue(token.Text));
        TraceData.Array(json, "ids", tokens, token => json.WriteNumberValue(token.Id));
        json.WriteStartObject("shown");
        foreach (var (i, token) in tokens.Index())
        {
            var shown = TokenGlyphs.Show(token, TraceData.LongestShown);
            if (shown != token.Text.Replace(' ', TokenGlyphs.Space))
                json.WriteString(i.ToString(CultureInfo.InvariantCulture), shown);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void WriteDiagram(Utf8JsonWriter json, PatchSheet sheet, PatchRanks ranks)
    {
        var diagram = sheet.Diagram();
        json.WriteStartObject("diagram");
        json.WriteNumber("width", Math.Round(diagram.Width, 1));
        json.WriteNumber("height", Math.Round(diagram.Height, 1));
        json.WriteNumber("nodeWidth", EdgeDiagram.NodeWidth);
        json.WriteNumber("nodeHeight", EdgeDiagram.NodeHeight);
        json.WriteNumber("least", EdgeDiagram.LeastWidth);
        json.WriteNumber("most", EdgeDiagram.MostWidth);
        TraceData.Array(json, "nodes", diagram.Nodes, node => WriteNode(json, node, sheet));
        TraceData.Array(json, "curves", ranks.Drawable(MostDrawn, DrawnOfEach), index =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(index);
            json.WriteStringValue(sheet.CurveOf(diagram, index).ToString());
            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    // Where a head is no source or no destination, its number there is −1.
    static void WriteNode(Utf8JsonWriter json, DiagramNode node, PatchSheet sheet)
    {
        json.WriteStartArray();
        json.WriteStringValue(node.Name);
        json.WriteNumberValue(Math.Round(node.Left, 1));
        json.WriteNumberValue(Math.Round(node.Top, 1));
        json.WriteNumberValue(node.IsSource ? sheet.Sources.IndexOf(node.Head) : -1);
        json.WriteNumberValue(node.IsDestination ? sheet.Destinations.IndexOf(node.Head) : -1);
        json.WriteEndArray();
    }

    static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}
