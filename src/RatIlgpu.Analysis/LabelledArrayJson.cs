namespace RatIlgpu.Analysis;

/// <summary>Writes labelled arrays as JSON; docs/analysis.md describes the file.</summary>
public static class LabelledArrayJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="array">The array.</param>
    /// <param name="model">The model that ran.</param>
    public static string Write(LabelledArray array, LanguageModel model) =>
        AnalysisJson.Text(json => Write(json, array, model));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="array">The array.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="destination">The stream.</param>
    public static void Write(LabelledArray array, LanguageModel model, Stream destination) =>
        AnalysisJson.Write(destination, json => Write(json, array, model));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="array">The array.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string)" path="/exception"/>
    public static void Save(LabelledArray array, LanguageModel model, string path) =>
        AnalysisJson.Save(path, json => Write(json, array, model));

    static void Write(Utf8JsonWriter json, LabelledArray array, LanguageModel model)
    {
        AnalysisJson.WriteHead(json, "array", model);
        AnalysisJson.WriteArray(json, array);
    }
}
