namespace RatIlgpu.Analysis;

/// <content>The redundancy test and the offset sweep.</content>
public static partial class AblationJson
{
    /// <summary>Returns the text of the file of a redundancy test: ASCII, and safe inside a script element of a
    /// page.</summary>
    /// <param name="report">The test.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(RedundancyReport report, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, report, model, origin));

    /// <summary>Writes the file of a redundancy test to a stream, which stays open.</summary>
    /// <param name="report">The test.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        RedundancyReport report, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, report, model, origin));

    /// <summary>Writes the file of a redundancy test whole or not at all.</summary>
    /// <param name="report">The test.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(RedundancyReport report, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, report, model, origin));

    /// <summary>Returns the text of the file of an offset sweep: ASCII, and safe inside a script element of a
    /// page.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(OffsetSweep sweep, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, sweep, model, origin));

    /// <summary>Writes the file of an offset sweep to a stream, which stays open.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(OffsetSweep sweep, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, sweep, model, origin));

    /// <summary>Writes the file of an offset sweep whole or not at all.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(OffsetSweep sweep, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, sweep, model, origin));

    static void Write(Utf8JsonWriter json, RedundancyReport report, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "redundancy", model, origin);
        WriteRemoved(json, report.Heads, report.Components);
        AnalysisJson.WriteHeads(json, "value_heads", report.ValueHeads);
        AnalysisJson.WriteNumber(json, "redundancy", report.Redundancy);
        AnalysisJson.WriteNumber(json, "own_redundancy", report.OwnRedundancy);
        AnalysisJson.WriteNumber(json, "interaction", report.Interaction);
        AnalysisJson.WriteNumber(json, "own_interaction", report.OwnInteraction);
        AnalysisJson.WriteObjects(json, "comparisons", report.Comparisons, one =>
        {
            json.WriteString("pair", AnalysisJson.Name(one.Pair));
            json.WriteNumber("layer", one.Layer);
            WriteOutput(json, one.Projection, one.Cosine);
        });
        WriteSamples(json, report.Samples, model);
    }

    static void Write(Utf8JsonWriter json, OffsetSweep sweep, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "offset-sweep", model, origin);
        WriteRemoved(json, sweep.Heads, sweep.Components);
        AnalysisJson.WriteObjects(json, "layers", sweep.Layers, layer =>
        {
            json.WriteNumber("layer", layer.Layer);
            WriteMeasured("heads_alone", layer.HeadsAlone);
            AnalysisJson.WriteObjects(json, "offsets", layer.Points, point =>
            {
                json.WriteNumber("offset", point.Offset);
                WriteMeasured("values", point.Values);
                WriteMeasured("both", point.Both);
                AnalysisJson.WriteNumber(json, "difference", point.Difference);
            });
        });
        WriteSamples(json, sweep.Samples, model);

        void WriteMeasured(string name, MeasuredOutput output)
        {
            json.WriteStartObject(name);
            WriteOutput(json, output.Projection, output.Cosine);
            json.WriteEndObject();
        }
    }

    // Heads are always named: without components they are A, and with them whose values are removed, or the layer.
    static void WriteRemoved(Utf8JsonWriter json, ValueArray<HeadIndex> heads, AblatedComponents? components)
    {
        AnalysisJson.WriteHeads(json, "heads", heads);
        if (components is not null)
            json.WriteString("components", components.ToString());
    }

    static void WriteSamples(Utf8JsonWriter json, ValueArray<AblationSample> samples, LanguageModel model) =>
        AnalysisJson.WriteObjects(
            json, "samples", AnalysisJson.Numbered(samples), one => WriteSample(json, one.Number, one.Part, model));
}
