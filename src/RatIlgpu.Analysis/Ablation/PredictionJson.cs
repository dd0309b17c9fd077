namespace RatIlgpu.Analysis;

/// <summary>Writes prediction tables as JSON; docs/predict.md describes the file.</summary>
public static class PredictionJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="report">The tables.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(PredictionTableReport report, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, report, model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="report">The tables.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        PredictionTableReport report, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, report, model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="report">The tables.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        PredictionTableReport report, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, report, model, origin));

    static void Write(Utf8JsonWriter json, PredictionTableReport report, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "predictions", model, origin);
        AnalysisJson.WriteHeads(json, "heads", report.Heads);
        json.WriteBoolean("heads_chosen", report.AreChosen);
        json.WriteNumber("top", report.Options.Top);
        json.WriteNumber("masked_count", report.Options.Masked.Length);
        AnalysisJson.WritePrompts(json, AnalysisJson.Numbered(report.Prompts), one =>
        {
            json.WriteString("label", AnalysisJson.WellFormed(one.Prompt.Label));
            AnalysisJson.WriteTokens(json, "tokens", one.Prompt.Ids, model);
            json.WriteNumber("position", one.Prompt.Position);
            AnalysisJson.WriteObjects(json, "rows", one.Rows, row => WriteRow(json, row, model));
        });
        AnalysisJson.WriteObjects(json, "summary", report.Summary(), one =>
        {
            json.WriteString("name", AnalysisJson.WellFormed(one.Condition.Name));
            json.WriteNumber("count", one.Count);
            json.WriteNumber("changed", one.Changed);
            AnalysisJson.WriteNumber(json, "logit_change", one.LogitChange.Mean);
            AnalysisJson.WriteNumber(json, "log_probability_change", one.LogProbabilityChange.Mean);
            AnalysisJson.WriteNumber(json, "kl_divergence", one.Divergence.Mean);
        });
    }

    static void WriteRow(Utf8JsonWriter json, PredictionRow row, LanguageModel model)
    {
        var condition = row.Condition;
        json.WriteString("condition", AnalysisJson.Name(condition.Kind));
        json.WriteString("name", AnalysisJson.WellFormed(condition.Name));
        AnalysisJson.WriteHeads(json, "heads", condition.Heads);
        AnalysisJson.WriteNumber(json, "layer", condition.Layer);
        if (condition.Components is { } components)
            WriteComponents(json, components);
        json.WriteStartObject("predicted");
        AnalysisJson.WriteToken(json, "token", row.Predicted.Id, model);
        AnalysisJson.WriteNumber(json, "logit", row.Predicted.Logit);
        AnalysisJson.WriteNumber(json, "probability", row.Predicted.Probability);
        json.WriteEndObject();
        json.WriteBoolean("same", row.IsSame);
        AnalysisJson.WriteNumber(json, "logit_change", row.LogitChange);
        AnalysisJson.WriteNumber(json, "log_probability_change", row.LogProbabilityChange);
        AnalysisJson.WriteNumber(json, "kl_divergence", row.Divergence);
        foreach (var (name, tokens) in new[] { ("risen", row.Risen), ("fallen", row.Fallen) })
            AnalysisJson.WriteObjects(json, name, tokens, one =>
            {
                AnalysisJson.WriteToken(json, "token", one.Id, model);
                AnalysisJson.WriteNumber(json, "change", one.Change);
            });
    }

    // The scope is about keys of single heads; components for all heads have none.
    static void WriteComponents(Utf8JsonWriter json, AblatedComponents components)
    {
        AnalysisJson.WriteObjects(
            json, "components", components.Components.DistinctBy(one => (one.Projection, one.Component)), one =>
            {
                json.WriteString("projection", AnalysisJson.Name(one.Projection));
                json.WriteNumber("component", one.Component);
            });
        if (components.Components is [{ Head: not null, Scope: var scope }, ..])
            json.WriteString("scope", AnalysisJson.Name(scope));
        else
            json.WriteNull("scope");
    }
}
