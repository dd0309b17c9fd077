using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes the data of a page of components.</summary>
static class ComponentsData
{
    /// <summary>Returns the blocks of the page, the numbers of each figure in a block of its own.</summary>
    public static IEnumerable<DataBlock> Blocks(
        ComponentReport report,
        ImmutableArray<ComponentFigure> figures,
        Func<int, TokenText> tokens,
        ComponentsPageOptions options)
    {
        yield return DataBlock.Json("data", json => Write(json, report, figures, tokens, options));
        foreach (var figure in figures)
            yield return DataBlock.Compressed($"figure-{figure.Id}", Numbers(figure.Array));
        if (options.Json is { } file)
            yield return DataBlock.Compressed("file", file);
    }

    /// <summary>Returns the head and the place of the key that are shown first: the first head whose induction is
    /// looked at, else the one with the most attention to a key, and the key with its most attention.</summary>
    public static (int Head, int Key) Opening(ComponentReport report)
    {
        var (attention, keys) = (report.Scores.Attention, report.Scores.Keys.Length);
        var head = report.Induction is [var first, ..]
            ? first.Head.Head
            : attention.Values.Index().MaxBy(one => one.Item).Index / keys;
        return (head, Enumerable.Range(0, keys).MaxBy(key => attention[head, key]));
    }

    static byte[] Numbers(LabelledArray array)
    {
        using var stream = new MemoryStream();
        BytePlanes.Write(stream, array.Values.Select(value => (float)(value ?? double.NaN)).ToArray());
        return stream.ToArray();
    }

    static void Write(
        Utf8JsonWriter json,
        ComponentReport report,
        ImmutableArray<ComponentFigure> figures,
        Func<int, TokenText> tokens,
        ComponentsPageOptions options)
    {
        json.WriteStartObject();
        json.WriteBoolean("hasFile", options.Json is not null);
        json.WriteNumber("query", report.Scores.Query);
        var (head, key) = Opening(report);
        TraceData.Array(json, "opening", (ValueArray<int>)[head, key], json.WriteNumberValue);
        TraceData.Array(json, "keys", report.Scores.Keys, json.WriteNumberValue);
        TraceData.Array(json, "attention", report.Scores.Attention.Values, value => json.WriteNumberValue(value ?? 0));
        TraceData.Array(json, "figures", figures, figure => WriteFigure(json, figure));
        json.WriteStartObject("prompt");
        TraceData.WriteTexts(json, [.. report.Prompt.Select(tokens)]);
        json.WriteNumber("target", report.Scores.Query);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void WriteFigure(Utf8JsonWriter json, ComponentFigure figure)
    {
        json.WriteStartObject();
        json.WriteString("id", figure.Id);
        json.WriteString("title", figure.Title);
        json.WriteString("note", figure.Note);
        json.WriteBoolean("signed", figure.IsSigned);
        TraceData.Array(json, "axes", figure.Array.Axes, axis =>
        {
            json.WriteStartObject();
            json.WriteString("name", axis.Name.Replace('_', ' '));
            TraceData.Array(json, "labels", axis.Labels, json.WriteStringValue);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
