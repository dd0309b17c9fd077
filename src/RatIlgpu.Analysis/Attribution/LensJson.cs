namespace RatIlgpu.Analysis;

/// <summary>Writes results of the logit lens as JSON; docs/analysis.md describes the file.</summary>
public static class LensJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="states">The states, in their order.</param>
    /// <param name="ids">The prompt, <c>[tokens]</c>.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(
        ImmutableArray<LensState> states, ReadOnlySpan<int> ids, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(Writer(states, [.. ids], model, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="states">The states, in their order.</param>
    /// <param name="ids">The prompt, <c>[tokens]</c>.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        ImmutableArray<LensState> states, ReadOnlySpan<int> ids,
        LanguageModel model,
        Stream destination,
        TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, Writer(states, [.. ids], model, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="states">The states, in their order.</param>
    /// <param name="ids">The prompt, <c>[tokens]</c>.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        ImmutableArray<LensState> states, ReadOnlySpan<int> ids,
        LanguageModel model,
        string path,
        TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, Writer(states, [.. ids], model, origin));

    /// <summary>Returns the text of the file of several prompts; a single prompt has the form of
    /// <see cref="Write(ImmutableArray{LensState}, ReadOnlySpan{int}, LanguageModel, TraceOrigin)"/>.</summary>
    /// <param name="batch">The states.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(LensBatch batch, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, batch, model, origin));

    /// <summary>Writes the file of several prompts to a stream, which stays open.</summary>
    /// <param name="batch">The states.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(LensBatch batch, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, batch, model, origin));

    /// <summary>Writes the file of several prompts whole or not at all.</summary>
    /// <param name="batch">The states.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(LensBatch batch, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, batch, model, origin));

    static Action<Utf8JsonWriter> Writer(
        ImmutableArray<LensState> states, ImmutableArray<int> ids, LanguageModel model, TraceOrigin? origin) => json =>
    {
        AnalysisJson.WriteHead(json, "lens", model, origin);
        WriteOne(json, new(ids, states), model);
    };

    static void Write(Utf8JsonWriter json, LensBatch batch, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "lens", model, origin);
        if (batch.Prompts is [var only])
        {
            WriteOne(json, only, model);
            return;
        }

        AnalysisJson.WritePrompts(json, AnalysisJson.Numbered(batch.Prompts), one => WriteOne(json, one, model));
        WriteStates("mean", value => value.Mean);
        WriteStates("spread", value => value.Spread);

        void WriteStates(string name, Func<MeanAndSpread, double> number) =>
            AnalysisJson.WriteObjects(json, name, batch.Mean, state => WriteMean(json, state, number));
    }

    static void WriteOne(Utf8JsonWriter json, LensReading reading, LanguageModel model)
    {
        AnalysisJson.WriteTokens(json, "tokens", reading.TokenIds, model);
        AnalysisJson.WritePlaces(json, "attention_mask", reading.AttentionMask);
        AnalysisJson.WriteInterventions(json, reading.Interventions);
        AnalysisJson.WriteObjects(json, "states", reading.States, state =>
        {
            json.WriteString("state", state.State.Label);
            json.WriteNumber("position", state.Position);
            AnalysisJson.WriteNumber(json, "entropy", state.Entropy);
            AnalysisJson.WriteNumber(json, "kl_divergence", state.KlDivergence);
            AnalysisJson.WriteObjects(json, "top", state.Top, token => WriteToken(json, token, model));
            AnalysisJson.WriteObjects(json, "followed", state.Tokens, token => WriteToken(json, token, model));
            AnalysisJson.WriteObjects(json, "projections", state.Projections, one =>
            {
                json.WriteString("direction", AnalysisJson.WellFormed(one.Direction.Name));
                AnalysisJson.WriteNumber(json, "value", one.Value);
            });
        });
    }

    static void WriteMean(Utf8JsonWriter json, LensMean mean, Func<MeanAndSpread, double> number)
    {
        json.WriteString("state", mean.State.Label);
        AnalysisJson.WriteNumber(json, "entropy", number(mean.Entropy));
        AnalysisJson.WriteNumber(json, "kl_divergence", number(mean.KlDivergence));
        AnalysisJson.WriteObjects(json, "followed", mean.Followed, token =>
        {
            AnalysisJson.WriteNumber(json, "rank", number(token.Rank));
            AnalysisJson.WriteNumber(json, "logit", number(token.Logit));
            AnalysisJson.WriteNumber(json, "probability", number(token.Probability));
        });
        AnalysisJson.WriteObjects(json, "projections", mean.Projections, one =>
            AnalysisJson.WriteNumber(json, "value", number(one)));
    }

    static void WriteToken(Utf8JsonWriter json, LensToken token, LanguageModel model)
    {
        AnalysisJson.WriteToken(json, "token", token.Id, model);
        json.WriteNumber("rank", token.Rank);
        AnalysisJson.WriteNumber(json, "logit", token.Logit);
        AnalysisJson.WriteNumber(json, "probability", token.Probability);
    }
}
