namespace RatIlgpu.Analysis;

/// <summary>Writes labelled arrays as JSON; docs/analysis.md describes the file.</summary>
public static class LabelledArrayJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="array">The array.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(LabelledArray array, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, array, model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="array">The array.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        LabelledArray array, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, array, model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="array">The array.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(LabelledArray array, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, array, model, origin));

    static void Write(Utf8JsonWriter json, LabelledArray array, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "array", model, origin);
        AnalysisJson.WriteArray(json, array);
    }
}
