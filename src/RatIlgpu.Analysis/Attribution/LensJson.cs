namespace RatIlgpu.Analysis;

/// <summary>Writes results of the logit lens as JSON; docs/analysis.md describes the file.</summary>
public static class LensJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="states">The states, in their order.</param>
    /// <param name="ids">The prompt, <c>[tokens]</c>.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    public static string Write(ImmutableArray<LensState> states, ReadOnlySpan<int> ids, LanguageModel model) =>
        AnalysisJson.Text(Writer(states, [.. ids], model));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="states">The states, in their order.</param>
    /// <param name="ids">The prompt, <c>[tokens]</c>.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    public static void Write(
        ImmutableArray<LensState> states, ReadOnlySpan<int> ids, LanguageModel model, Stream destination) =>
        AnalysisJson.Write(destination, Writer(states, [.. ids], model));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="states">The states, in their order.</param>
    /// <param name="ids">The prompt, <c>[tokens]</c>.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <inheritdoc cref="AttributionJson.Save"/>
    public static void Save(
        ImmutableArray<LensState> states, ReadOnlySpan<int> ids, LanguageModel model, string path) =>
        AnalysisJson.Save(path, Writer(states, [.. ids], model));

    static Action<Utf8JsonWriter> Writer(
        ImmutableArray<LensState> states, ImmutableArray<int> ids, LanguageModel model) => json =>
    {
        AnalysisJson.WriteHead(json, "lens", model);
        AnalysisJson.WriteTokens(json, "tokens", ids, model);
        AnalysisJson.WriteList(json, "states", states, state =>
        {
            json.WriteStartObject();
            json.WriteString("state", state.State.Label);
            json.WriteNumber("position", state.Position);
            AnalysisJson.WriteList(json, "top", state.Top, token => WriteToken(json, token, model));
            AnalysisJson.WriteList(json, "followed", state.Tokens, token => WriteToken(json, token, model));
            json.WriteEndObject();
        });
    };

    static void WriteToken(Utf8JsonWriter json, LensToken token, LanguageModel model)
    {
        json.WriteStartObject();
        json.WritePropertyName("token");
        AnalysisJson.WriteToken(json, token.Id, model);
        json.WriteNumber("rank", token.Rank);
        AnalysisJson.WriteNumber(json, "logit", token.Logit);
        AnalysisJson.WriteNumber(json, "probability", token.Probability);
        json.WriteEndObject();
    }
}
