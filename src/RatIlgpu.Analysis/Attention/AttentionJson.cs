namespace RatIlgpu.Analysis;

/// <summary>Writes the heads of prompts in numbers as JSON; docs/analysis.md describes the file.</summary>
public static class AttentionJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="prompts">The heads of one or more prompts.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(
        IReadOnlyList<AttentionSummary> prompts, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, prompts, model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="prompts">The heads of one or more prompts.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        IReadOnlyList<AttentionSummary> prompts,
        LanguageModel model,
        Stream destination,
        TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, prompts, model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="prompts">The heads of one or more prompts.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        IReadOnlyList<AttentionSummary> prompts, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, prompts, model, origin));

    static void Write(
        Utf8JsonWriter json, IReadOnlyList<AttentionSummary> prompts, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "attention", model, origin);
        if (prompts is [var only])
            WriteOne(json, only, model);
        else
            AnalysisJson.WritePrompts(json, AnalysisJson.Numbered(prompts), one => WriteOne(json, one, model));
    }

    static void WriteOne(Utf8JsonWriter json, AttentionSummary prompt, LanguageModel model)
    {
        json.WriteString("label", prompt.Label is { } label ? AnalysisJson.WellFormed(label) : null);
        AnalysisJson.WriteTokens(json, "tokens", prompt.TokenIds, model);
        AnalysisJson.WritePlaces(json, "attention_mask", prompt.AttentionMask?.Items);
        AnalysisJson.WriteInterventions(json, prompt.Interventions);
        AnalysisJson.WriteObjects(json, "heads", prompt.Heads, one =>
        {
            json.WriteString("head", one.Head.ToString());
            AnalysisJson.WriteNumber(json, "first", one.First);
            AnalysisJson.WriteNumber(json, "previous", one.Previous);
            AnalysisJson.WriteNumber(json, "self", one.Self);
            AnalysisJson.WriteNumber(json, "entropy", one.Entropy);
        });
    }
}

/// <summary>The heads of one prompt in numbers.</summary>
/// <param name="TokenIds">The prompt.</param>
/// <param name="AttentionMask">1 for a token, 0 for padding; null for no padding.</param>
/// <param name="Heads">The heads, in the order asked.</param>
public sealed record AttentionSummary(
    ValueArray<int> TokenIds, ValueArray<int>? AttentionMask, ValueArray<HeadSummary> Heads)
{
    /// <summary>Gets the name of the prompt. Default: null, none.</summary>
    public string? Label { get; init; }

    /// <summary>Gets a line that describes each intervention in the run. Default: none.</summary>
    public ValueArray<string> Interventions { get; init; } = [];
}
