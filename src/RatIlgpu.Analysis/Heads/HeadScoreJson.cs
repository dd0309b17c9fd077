namespace RatIlgpu.Analysis;

/// <summary>Writes scores of heads as JSON; docs/analysis.md describes the file.</summary>
public static class HeadScoreJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="batch">The scores of one or more prompts.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(HeadScoreBatch batch, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, batch, model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="batch">The scores of one or more prompts.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        HeadScoreBatch batch, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, batch, model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="batch">The scores of one or more prompts.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(HeadScoreBatch batch, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, batch, model, origin));

    static void Write(Utf8JsonWriter json, HeadScoreBatch batch, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "heads", model, origin);
        if (batch.Prompts.Length == 1)
        {
            WriteOne(json, batch, 0, model);
            return;
        }

        AnalysisJson.WritePrompts(
            json,
            AnalysisJson.Numbered(Enumerable.Range(0, batch.Prompts.Length)),
            place => WriteOne(json, batch, place, model));
        WriteScores(json, "mean", batch.Mean.Select(one => (one.Key, one.Value.Mean)));
        WriteScores(json, "spread", batch.Mean.Select(one => (one.Key, one.Value.Spread)));
    }

    static void WriteOne(Utf8JsonWriter json, HeadScoreBatch batch, int place, LanguageModel model)
    {
        var options = batch.Options;
        AnalysisJson.WriteTokens(json, "tokens", batch.Prompts[place], model);
        AnalysisJson.WritePlaces(json, "attention_mask", batch.AttentionMasks[place]);
        json.WriteString("pattern", AnalysisJson.Name(batch.Kind));
        json.WriteString("measure", AnalysisJson.Name(options.Measure));
        json.WriteString("queries", AnalysisJson.Name(options.Queries));
        var length = batch.Prompts[place].Length;
        AnalysisJson.WritePlaces(
            json, "positions", options.Positions is { } some ? ActivationAxes.Resolve(some, length, "position") : null);
        json.WriteBoolean("exclude_first_position", options.ExcludeFirstPosition);
        json.WriteBoolean("exclude_current_token", options.ExcludeCurrentToken);
        WriteScores(json, "scores", batch.Scores[place].Select(one => (one.Key, one.Value)));
    }

    static void WriteScores(Utf8JsonWriter json, string name, IEnumerable<(HeadIndex Head, double Score)> scores) =>
        AnalysisJson.WriteObjects(json, name, scores, one =>
        {
            json.WriteString("head", one.Head.ToString());
            AnalysisJson.WriteNumber(json, "score", one.Score);
        });
}
