using System.Collections.Immutable;
using System.Text.Json;
using RatIlgpu.Analysis;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Writes what the states of the stream would say; the form is told in docs/analysis.md.</summary>
static class LensJson
{
    /// <summary>Writes it.</summary>
    public static void Write(
        Utf8JsonWriter json, LanguageModel model, ImmutableArray<int> ids, ImmutableArray<LensState> states)
    {
        json.WriteStartObject();
        AnalysisJson.WriteHead(json, "lens", model);
        AnalysisJson.WriteTokens(json, "tokens", ids, model);
        json.WriteStartArray("states");
        foreach (var state in states)
        {
            json.WriteStartObject();
            json.WriteString("state", state.State.Label);
            json.WriteNumber("position", state.Position);
            WriteTokens(json, "top", state.Top, model);
            WriteTokens(json, "followed", state.Tokens, model);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteTokens(Utf8JsonWriter json, string name, ImmutableArray<LensToken> tokens, LanguageModel model)
    {
        json.WriteStartArray(name);
        foreach (var token in tokens)
        {
            json.WriteStartObject();
            json.WritePropertyName("token");
            AnalysisJson.WriteToken(json, token.Id, model);
            json.WriteNumber("rank", token.Rank);
            AnalysisJson.WriteNumber(json, "logit", token.Logit);
            AnalysisJson.WriteNumber(json, "probability", token.Probability);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
