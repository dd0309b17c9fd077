using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of prediction tables: a plan with all tokens, and the table of each
/// prompt, which the script decodes when the prompt is shown.</summary>
/// <param name="view">The tables.</param>
/// <param name="options">The model and what made the tables.</param>
sealed class PredictionBlocks(PredictionView view, PredictionPageOptions options)
{
    public IEnumerable<DataBlock> All()
    {
        yield return DataBlock.Json("data", WritePlan);
        foreach (var (place, prompt) in view.Report.Prompts.Index())
            yield return DataBlock.Json($"prompt-{place}", json => WritePrompt(json, prompt));
    }

    void WritePlan(Utf8JsonWriter json)
    {
        var report = view.Report;
        json.WriteStartObject();
        FileHead.Write(json, "predictions", options.Model, options.Origin);
        TraceData.WriteHeads(json, "heads", report.Heads);
        json.WriteBoolean("chosen", report.AreChosen);
        json.WriteNumber("top", report.Options.Top);
        json.WriteNumber("masked", report.Options.Masked.Length);
        TraceData.Array(json, "ids", view.Tokens.Tokens, token => json.WriteNumberValue(token.Id));
        TraceData.WriteTexts(json, [.. view.Tokens.Tokens]);
        TraceData.Array(json, "prompts", report.Prompts, one => json.WriteStringValue(view.NameOf(one.Prompt)));
        TraceData.Array(json, "summary", report.Summary(), one =>
        {
            json.WriteStartObject();
            json.WriteString("name", one.Condition.Name);
            json.WriteNumber("count", one.Count);
            json.WriteNumber("changed", one.Changed);
            WriteNumber(json, "logit_change", one.LogitChange.Mean);
            WriteNumber(json, "log_probability_change", one.LogProbabilityChange.Mean);
            WriteNumber(json, "kl_divergence", one.Divergence.Mean);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    void WritePrompt(Utf8JsonWriter json, PromptPredictions one)
    {
        json.WriteStartObject();
        json.WriteString("label", one.Prompt.Label);
        TraceData.Array(json, "at", one.Prompt.Ids, id => json.WriteNumberValue(view.Tokens.Place(id)));
        json.WriteNumber("position", one.Prompt.Position);
        TraceData.Array(json, "rows", one.Rows, row => WriteRow(json, row));
        json.WriteEndObject();
    }

    void WriteRow(Utf8JsonWriter json, PredictionRow row)
    {
        json.WriteStartObject();
        json.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName($"{row.Condition.Kind}"));
        json.WriteString("name", row.Condition.Name);
        TraceData.WriteHeads(json, "heads", row.Condition.Heads);
        if (row.Condition.Layer is { } layer)
            json.WriteNumber("layer", layer);
        if (row.Condition.Components is { } components)
            WriteComponents(json, components);
        json.WriteNumber("token", view.Tokens.Place(row.Predicted.Id));
        WriteNumber(json, "logit", row.Predicted.Logit);
        WriteNumber(json, "probability", row.Predicted.Probability);
        json.WriteBoolean("same", row.IsSame);
        WriteNumber(json, "change", row.LogitChange);
        WriteNumber(json, "log", row.LogProbabilityChange);
        WriteNumber(json, "kl", row.Divergence);
        foreach (var (name, tokens) in new[] { ("risen", row.Risen), ("fallen", row.Fallen) })
            TraceData.Array(json, name, tokens, one =>
            {
                json.WriteStartArray();
                json.WriteNumberValue(view.Tokens.Place(one.Id));
                json.WriteNumberValue(one.Change);
                json.WriteEndArray();
            });
        json.WriteEndObject();
    }

    // As the file has them.
    static void WriteComponents(Utf8JsonWriter json, AblatedComponents components)
    {
        TraceData.Array(
            json, "components", components.Components.DistinctBy(one => (one.Projection, one.Component)), one =>
            {
                json.WriteStartObject();
                json.WriteString("projection", JsonNamingPolicy.SnakeCaseLower.ConvertName($"{one.Projection}"));
                json.WriteNumber("component", one.Component);
                json.WriteEndObject();
            });
        if (components.Components is [{ Head: not null, Scope: var scope }, ..])
            json.WriteString("scope", JsonNamingPolicy.SnakeCaseLower.ConvertName($"{scope}"));
        else
            json.WriteNull("scope");
    }

    static void WriteNumber(Utf8JsonWriter json, string name, double number)
    {
        if (double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
