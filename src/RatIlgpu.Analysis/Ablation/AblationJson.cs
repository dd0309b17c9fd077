namespace RatIlgpu.Analysis;

/// <summary>Writes studies of ablation as JSON; docs/ablation.md describes the files.</summary>
public static partial class AblationJson
{
    /// <summary>Returns the text of the file of a study: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="report">The study.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(AblationReport report, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, report, model, origin));

    /// <summary>Writes the file of a study to a stream, which stays open.</summary>
    /// <param name="report">The study.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        AblationReport report, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, report, model, origin));

    /// <summary>Writes the file of a study whole or not at all.</summary>
    /// <param name="report">The study.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(AblationReport report, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, report, model, origin));

    static void Write(Utf8JsonWriter json, AblationReport report, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "ablation", model, origin);
        json.WriteString("part", AnalysisJson.Name(
            report.Conditions.IsEmpty ? report.Options.Part : report.Conditions[0].Condition.Part));
        AnalysisJson.WriteList(
            json, "kinds", report.Conditions.Select(one => one.Condition.Kind).Distinct(),
            kind => json.WriteStringValue(AnalysisJson.Name(kind)));
        json.WriteBoolean("everywhere", report.Options.Everywhere);
        WritePredicted(json, report, model);
        AnalysisJson.WriteObjects(json, "samples", AnalysisJson.Numbered(report.Samples), one =>
        {
            WriteSample(json, one.Number, one.Part.Sample, model, report.Options.Everywhere);
            json.WriteNumber("first", one.Part.First);
            AnalysisJson.WriteList(json, "predictions", one.Part.Predictions, json.WriteNumberValue);
            AnalysisJson.WriteObjects(json, "value_lengths", one.Part.Values, values =>
            {
                json.WriteString("head", values.Head.ToString());
                AnalysisJson.WriteNumbers(json, "lengths", values.Lengths.Select(length => (double?)length));
            });
        });
        AnalysisJson.WriteObjects(
            json, "conditions", report.Conditions, condition => WriteCondition(json, condition));
        if (report.Scores is { } scores)
            WriteScores(json, scores);
    }

    // After has a score for each condition of the study, in its order.
    static void WriteScores(Utf8JsonWriter json, AblatedScores scores)
    {
        json.WriteStartObject("head_scores");
        json.WriteNumber("sequences", scores.Data.Sequences);
        json.WriteNumber("copy_length", scores.Data.CopyLength);
        json.WriteNumber("seed", scores.Data.Seed);
        AnalysisJson.WriteObjects(json, "scores", scores.Scores, score =>
        {
            json.WriteString("head", score.Head.ToString());
            json.WriteString("score", score.Score);
            AnalysisJson.WriteNumber(json, "before", score.Before);
            AnalysisJson.WriteNumbers(json, "after", score.After.Select(after => (double?)after));
        });
        json.WriteEndObject();
    }

    // Every token that is predicted anywhere, once: elsewhere its id stands.
    static void WritePredicted(Utf8JsonWriter json, AblationReport report, LanguageModel model)
    {
        var ids = report.Samples.SelectMany(sample => sample.Predictions)
            .Concat(report.Conditions.SelectMany(one => one.Samples).SelectMany(sample => sample.Predictions));
        AnalysisJson.WriteList(
            json, "predicted", ids.Distinct().Order(), id => AnalysisJson.WriteToken(json, id, model));
    }

    static void WriteCondition(Utf8JsonWriter json, ConditionEffect effect)
    {
        json.WriteString("condition", effect.Condition.ToString());
        json.WriteString("kind", AnalysisJson.Name(effect.Condition.Kind));
        AnalysisJson.WriteHeads(json, "heads", effect.Condition.Heads);
        AnalysisJson.WriteObjects(json, "layers", effect.Layers, layer =>
        {
            json.WriteNumber("layer", layer.Layer);
            WriteOutput(json, layer.Projection, layer.Cosine);
        });
        AnalysisJson.WriteSpread(json, "divergence", effect.Divergence);
        AnalysisJson.WriteSpread(json, "changed", effect.Changed);
        AnalysisJson.WriteObjects(json, "samples", AnalysisJson.Numbered(effect.Samples), one =>
        {
            json.WriteNumber("sample", one.Number);
            AnalysisJson.WriteObjects(json, "layers", one.Part.Layers.Index(), layer =>
            {
                json.WriteNumber("layer", effect.Condition.Layer + layer.Index);
                AnalysisJson.WriteNumbers(json, "projection", layer.Item.Select(change => change.Projection));
                AnalysisJson.WriteNumbers(json, "cosine", layer.Item.Select(change => change.Cosine));
            });
            AnalysisJson.WriteNumbers(json, "divergence", one.Part.Divergences.Select(number => (double?)number));
            AnalysisJson.WriteList(json, "predictions", one.Part.Predictions, json.WriteNumberValue);
            // The patterns themselves are on the page.
            AnalysisJson.WriteObjects(json, "patterns", one.Part.Patterns, shown =>
            {
                json.WriteString("head", shown.Head.ToString());
                AnalysisJson.WriteNumber(json, "variation", shown.Variation);
            });
        });
    }

    // Where all positions are changed and looked at, a sample has none.
    static void WriteSample(
        Utf8JsonWriter json, int number, AblationSample sample, LanguageModel model, bool everywhere = false)
    {
        json.WriteNumber("sample", number);
        AnalysisJson.WriteTokens(json, "tokens", sample.Ids, model);
        AnalysisJson.WriteNumber(json, "position", everywhere ? null : sample.Position);
    }

    static void WriteOutput(Utf8JsonWriter json, MeanAndSpread projection, MeanAndSpread cosine)
    {
        AnalysisJson.WriteSpread(json, "projection", projection);
        AnalysisJson.WriteSpread(json, "cosine", cosine);
    }
}
