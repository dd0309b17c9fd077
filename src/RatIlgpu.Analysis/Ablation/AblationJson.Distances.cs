namespace RatIlgpu.Analysis;

/// <content>How far back heads look.</content>
public static partial class AblationJson
{
    /// <summary>Returns the text of the file of a comparison of attention: ASCII, and safe inside a script element of a
    /// page.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(AttentionComparison comparison, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, comparison, model, origin));

    /// <summary>Writes the file of a comparison of attention to a stream, which stays open.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        AttentionComparison comparison, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, comparison, model, origin));

    /// <summary>Writes the file of a comparison of attention whole or not at all.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        AttentionComparison comparison, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, comparison, model, origin));

    // Of each list of numbers, the place is the distance from the position back.
    static void Write(Utf8JsonWriter json, AttentionComparison comparison, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "attention-distances", model, origin);
        json.WriteNumber("layer", comparison.Layer);
        json.WriteBoolean("everywhere", comparison.Everywhere);
        AnalysisJson.WriteObjects(json, "conditions", comparison.Conditions, condition =>
        {
            json.WriteString("condition", condition.ToString());
            json.WriteString("kind", AnalysisJson.Name(condition.Kind));
            AnalysisJson.WriteHeads(json, "heads", condition.Heads);
        });
        AnalysisJson.WriteObjects(json, "heads", comparison.Heads, head =>
        {
            json.WriteString("head", head.Head.ToString());
            WriteSpreads("before", head.Before);
            AnalysisJson.WriteObjects(json, "conditions", head.Conditions, changed =>
            {
                WriteSpreads("after", changed.After);
                WriteSpreads("difference", changed.Difference);
                AnalysisJson.WriteNumbers(
                    json, "standard_error", changed.Difference.Select(one => (double?)one.StandardError));
            });
        });
        WriteSamples(json, comparison.Samples, model);

        void WriteSpreads(string name, ValueArray<MeanAndSpread> numbers) =>
            AnalysisJson.WriteObjects(json, name, numbers, number => AnalysisJson.WriteSpread(json, number));
    }
}
