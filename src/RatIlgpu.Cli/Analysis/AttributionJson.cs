using System.Collections.Immutable;
using System.Text.Json;
using RatIlgpu.Analysis;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Writes a logit taken apart; the form is told in docs/analysis.md.</summary>
static class AttributionJson
{
    /// <summary>Writes it.</summary>
    public static void Write(
        Utf8JsonWriter json, LanguageModel model, ImmutableArray<int> ids, LogitAttribution found)
    {
        json.WriteStartObject();
        AnalysisJson.WriteHead(json, "attribute", model);
        AnalysisJson.WriteTokens(json, "tokens", ids, model);
        AnalysisJson.WriteTarget(json, found.Target, found.Position, model);
        json.WriteString("unit", AnalysisJson.Name(found.Options.Unit));
        json.WriteString("value_bias", AnalysisJson.Name(found.Options.ValueBias));
        json.WriteString("reference", AnalysisJson.Name(found.Options.Reference));
        AnalysisJson.WriteNumber(json, "measured", found.Measured);
        AnalysisJson.WriteNumber(json, "final_scale", found.FinalScale);
        json.WriteStartArray("rows");
        foreach (var (term, value) in found.Terms)
        {
            json.WriteStartObject();
            json.WriteString("label", term.Label);
            AnalysisJson.WriteNumber(json, "value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
