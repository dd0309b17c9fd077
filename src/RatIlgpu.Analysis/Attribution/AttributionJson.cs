namespace RatIlgpu.Analysis;

/// <summary>Writes logit attributions as JSON; docs/analysis.md describes the file.</summary>
public static class AttributionJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="attribution">The attribution.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(LogitAttribution attribution, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, attribution, model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="attribution">The attribution.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        LogitAttribution attribution, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, attribution, model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="attribution">The attribution.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Save(
        LogitAttribution attribution, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, attribution, model, origin));

    /// <summary>Returns the text of the file of several prompts; a single attribution has the form of
    /// <see cref="Write(LogitAttribution, LanguageModel, TraceOrigin)"/>.</summary>
    /// <param name="batch">The attributions.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(AttributionBatch batch, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, batch, model, origin));

    /// <summary>Writes the file of several prompts to a stream, which stays open.</summary>
    /// <param name="batch">The attributions.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        AttributionBatch batch, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, batch, model, origin));

    /// <summary>Writes the file of several prompts whole or not at all.</summary>
    /// <param name="batch">The attributions.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="Save(LogitAttribution, LanguageModel, string, TraceOrigin)" path="/exception"/>
    public static void Save(AttributionBatch batch, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, batch, model, origin));

    static void Write(Utf8JsonWriter json, LogitAttribution attribution, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "attribute", model, origin);
        WriteOne(json, attribution, model);
    }

    static void Write(Utf8JsonWriter json, AttributionBatch batch, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "attribute", model, origin);
        if (batch.Flat.Take(2).ToList() is [var only])
        {
            WriteOne(json, only, model);
            return;
        }

        // One entry for each prompt and position.
        AnalysisJson.WritePrompts(
            json,
            batch.Attributions.SelectMany((all, place) => all.Select(one => (place + 1, one))),
            one => WriteOne(json, one, model));
        WriteRows("mean", value => value.Mean);
        WriteRows("spread", value => value.Spread);
        if (batch.IsArray)
            AnalysisJson.WriteArray(json, batch.ToArray());

        void WriteRows(string name, Func<MeanAndSpread, double> number) =>
            AnalysisJson.WriteObjects(json, name, batch.Mean, row => WriteRow(json, row.Term, number(row.Value)));
    }

    static void WriteOne(Utf8JsonWriter json, LogitAttribution attribution, LanguageModel model)
    {
        AnalysisJson.WriteTokens(json, "tokens", attribution.TokenIds, model);
        AnalysisJson.WritePlaces(json, "attention_mask", attribution.AttentionMask);
        AnalysisJson.WriteInterventions(json, attribution.Interventions);
        AnalysisJson.WriteTarget(json, attribution.Target, model);
        json.WriteNumber("position", attribution.Position);
        json.WriteString("unit", AnalysisJson.Name(attribution.Options.Unit));
        json.WriteString("value_bias", AnalysisJson.Name(attribution.Options.ValueBias));
        json.WriteString("reference", AnalysisJson.Name(attribution.Options.Reference));
        AnalysisJson.WriteNumber(json, "measured", attribution.Measured);
        AnalysisJson.WriteNumber(json, "final_scale", attribution.FinalScale);
        AnalysisJson.WriteObjects(json, "rows", attribution.Terms, row => WriteRow(json, row.Term, row.Value));
    }

    static void WriteRow(Utf8JsonWriter json, ResidualTerm term, double value)
    {
        json.WriteString("label", term.Label);
        AnalysisJson.WriteNumber(json, "value", value);
    }
}
