using System.IO.Compression;
using System.Runtime.InteropServices;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of attributions: a plan, the rows and the cells of each view, which the
/// script decodes when it is asked for them, and the exported file.</summary>
static class AttributionBlocks
{
    public static IEnumerable<DataBlock> Of(AttributionViews views, AttributionPageOptions options)
    {
        yield return DataBlock.Json("data", json => WritePlan(json, views, options));
        foreach (var view in Enumerable.Range(0, views.Views.Length))
        {
            yield return Numbers($"view-{view}", [.. views.Units.SelectMany(unit => unit.NumbersOf(view))]);
            if (views.Sources is { } sources)
                yield return Numbers($"cells-{view}", sources.CellsOf(view));
        }

        if (views.HasSeveral)
        {
            MeanAndSpread[] means = [.. views.Units.SelectMany(unit => unit.Means())];
            yield return Numbers(
                "view-mean", [.. means.Select(one => one.Mean), .. means.Select(one => one.Spread)]);
        }

        if (options.Json is { } file)
            yield return DataBlock.Compressed("file", file);
    }

    // Little-endian, as every browser of today has them.
    static DataBlock Numbers<T>(string id, T[] numbers)
        where T : struct
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("The numbers of a page are little-endian; this machine is not.");
        return DataBlock.Compressed(id, MemoryMarshal.AsBytes(numbers.AsSpan()), CompressionLevel.Optimal);
    }

    static void WritePlan(Utf8JsonWriter json, AttributionViews views, AttributionPageOptions options)
    {
        json.WriteStartObject();
        TraceData.Array(json, "prompts", views.Prompts, prompt =>
        {
            json.WriteStartObject();
            json.WriteNumber("number", prompt.Number);
            json.WriteNumber("first", prompt.First);
            json.WriteString("label", prompt.Label);
            TraceData.WriteTexts(json, [.. views.TokensOf(prompt.Views[0])]);
            TraceData.Array(json, "ids", prompt.Views[0].TokenIds, json.WriteNumberValue);
            TraceData.WriteRun(json, prompt.Views[0].AttentionMask, []);
            TraceData.Array(json, "views", prompt.Views, view => WriteView(json, view, views));
            json.WriteEndObject();
        });
        TraceData.Array(json, "units", views.Units, unit => WriteUnit(json, unit));
        if (views.Sources is { } sources)
        {
            TraceData.Array(json, "readers", sources.Readers, json.WriteStringValue);
            json.WriteNumber("most", sources.Most);
        }

        if (views.HasSeveral)
            TraceData.Array(
                json, "meanFacts", AttributionWords.MeanFacts(views, options), fact => WriteFact(json, fact));
        json.WriteNumber("top", options.Top ?? 0);
        json.WriteNumber("opening", views.Opening);
        json.WriteEndObject();

        void WriteView(Utf8JsonWriter writer, LogitAttribution view, AttributionViews all)
        {
            writer.WriteStartObject();
            writer.WriteNumber("position", view.Position);
            writer.WriteNumber("measured", view.Measured);
            writer.WriteString("target", AttributionWords.Target(view.Target, all.TextOf));
            TraceData.Array(
                writer, "facts", AttributionWords.Facts(view, all, options), fact => WriteFact(writer, fact));
            writer.WriteEndObject();
        }
    }

    static void WriteUnit(Utf8JsonWriter json, UnitRows unit)
    {
        json.WriteStartObject();
        json.WriteString("name", AttributionWords.Name(unit.Unit));
        json.WriteBoolean("cumulative", unit.IsCumulative);
        json.WriteNumber("leftOut", unit.LeftOut);
        TraceData.Array(json, "labels", unit.Terms, term => json.WriteStringValue(term.Label));
        json.WriteEndObject();
    }

    static void WriteFact(Utf8JsonWriter json, (string Name, string Value) fact)
    {
        json.WriteStartArray();
        json.WriteStringValue(fact.Name);
        json.WriteStringValue(fact.Value);
        json.WriteEndArray();
    }
}
