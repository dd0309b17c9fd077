using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the data of a page of a comparison of attention.</summary>
static class DistancesData
{
    /// <summary>Writes the data.</summary>
    public static void Write(
        Utf8JsonWriter json, AttentionComparison comparison, TokenTable tokens, AblationPageOptions options)
    {
        json.WriteStartObject();
        FileHead.Write(json, "attention-distances", options.Model, options.Origin);
        json.WriteNumber("layer", comparison.Layer);
        json.WriteNumber("most", comparison.Most);
        json.WriteNumber("changed", comparison.MostChanged());
        json.WriteBoolean("everywhere", comparison.Everywhere);
        TraceData.Array(json, "conditions", comparison.Conditions, condition =>
        {
            json.WriteStartObject();
            json.WriteString("name", condition.ToString());
            json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(condition.Kind.ToString()));
            TraceData.WriteHeads(json, "heads", condition.Heads);
            json.WriteEndObject();
        });
        TraceData.Array(json, "heads", comparison.Heads, head =>
        {
            json.WriteStartObject();
            json.WriteString("head", head.Head.ToString());
            WriteSpreads(json, "before", head.Before);
            TraceData.Array(json, "conditions", head.Conditions, changed =>
            {
                json.WriteStartObject();
                WriteSpreads(json, "after", changed.After);
                WriteSpreads(json, "difference", changed.Difference);
                json.WriteEndObject();
            });
            json.WriteEndObject();
        });
        AblationBlocks.WriteSamples(json, comparison.Samples, tokens);
        AblationBlocks.WriteTexts(json, tokens);
        json.WriteEndObject();
    }

    static void WriteSpreads(Utf8JsonWriter json, string name, ValueArray<MeanAndSpread> numbers) =>
        TraceData.Array(json, name, numbers, number => AblationBlocks.WriteSpread(json, number));
}
