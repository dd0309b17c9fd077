namespace RatIlgpu.Analysis;

/// <summary>Writes mean and spread of traces as JSON; docs/analysis.md describes the file.</summary>
public static class TraceSummaryJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="summary">The summary.</param>
    /// <param name="model">The model that was traced.</param>
    /// <param name="origin">What made the traces; null if unknown.</param>
    public static string Write(TraceSummary summary, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, summary, model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="summary">The summary.</param>
    /// <param name="model">The model that was traced.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the traces; null if unknown.</param>
    public static void Write(
        TraceSummary summary, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, summary, model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="summary">The summary.</param>
    /// <param name="model">The model that was traced.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the traces; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(TraceSummary summary, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, summary, model, origin));

    /// <summary>Writes the lists <c>mean</c> and <c>spread</c> into an object that is open, as other JSON of traces
    /// ends with them.</summary>
    /// <param name="summary">The summary.</param>
    /// <param name="json">The writer, within an object.</param>
    public static void WriteRows(TraceSummary summary, Utf8JsonWriter json)
    {
        WriteRows("mean", value => value.Mean);
        WriteRows("spread", value => value.Spread);

        void WriteRows(string name, Func<MeanAndSpread, double> number) =>
            AnalysisJson.WriteObjects(json, name, summary.Rows, row =>
            {
                WriteNumber("target", row.Target);
                WriteNumber("layer", row.Layer);
                json.WriteString("heads", row.Heads?.ToString());
                json.WriteString("label", row.Label);
                AnalysisJson.WriteNumber(json, "value", number(row.Value));
            });

        void WriteNumber(string name, int? number)
        {
            if (number is { } some)
                json.WriteNumber(name, some);
            else
                json.WriteNull(name);
        }
    }

    static void Write(Utf8JsonWriter json, TraceSummary summary, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "trace_summary", model, origin);
        json.WriteNumber("prompt_count", summary.PromptCount);
        WriteRows(summary, json);
    }
}
