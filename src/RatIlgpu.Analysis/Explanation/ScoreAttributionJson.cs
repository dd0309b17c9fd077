using RatIlgpu.Text;

namespace RatIlgpu.Analysis;

/// <summary>Writes explanations of attention scores as JSON; docs/analysis.md describes the file.</summary>
public static class ScoreAttributionJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="prompts">The explanations of each prompt, at least one each: one for each key, all of one head,
    /// query and options.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">A prompt has no explanation.</exception>
    public static string Write(
        IReadOnlyList<ImmutableArray<ScoreAttribution>> prompts, LanguageModel model, TraceOrigin? origin = null)
    {
        Check(prompts);
        return AnalysisJson.Text(json => Write(json, prompts, model, origin));
    }

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="prompts">The explanations of each prompt, at least one each: one for each key, all of one head,
    /// query and options.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">A prompt has no explanation.</exception>
    public static void Write(
        IReadOnlyList<ImmutableArray<ScoreAttribution>> prompts,
        LanguageModel model,
        Stream destination,
        TraceOrigin? origin = null)
    {
        Check(prompts);
        AnalysisJson.Write(destination, json => Write(json, prompts, model, origin));
    }

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="prompts">The explanations of each prompt, at least one each: one for each key, all of one head,
    /// query and options.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">A prompt has no explanation.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Save(
        IReadOnlyList<ImmutableArray<ScoreAttribution>> prompts,
        LanguageModel model,
        string path,
        TraceOrigin? origin = null)
    {
        Check(prompts);
        AnalysisJson.Save(path, json => Write(json, prompts, model, origin));
    }

    static void Check(IReadOnlyList<ImmutableArray<ScoreAttribution>> prompts)
    {
        if (prompts.Count == 0 || prompts.Any(all => all.IsDefaultOrEmpty))
            throw new ArgumentException("A prompt has no explanation, expected one for each key, and a prompt.");
    }

    static void Write(
        Utf8JsonWriter json,
        IReadOnlyList<ImmutableArray<ScoreAttribution>> prompts,
        LanguageModel model,
        TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "explain", model, origin);
        if (prompts is [var only])
            WriteOne(json, only, model);
        else
            AnalysisJson.WritePrompts(json, AnalysisJson.Numbered(prompts), all => WriteOne(json, all, model));
    }

    static void WriteOne(Utf8JsonWriter json, ImmutableArray<ScoreAttribution> all, LanguageModel model)
    {
        var first = all[0];
        AnalysisJson.WriteTokens(json, "tokens", first.TokenIds, model);
        AnalysisJson.WritePlaces(json, "attention_mask", first.AttentionMask?.Items);
        AnalysisJson.WriteInterventions(json, first.Interventions);
        json.WriteString("head", first.Head.ToString());
        json.WriteNumber("query", first.Query);
        AnalysisJson.WriteNumbers(
            json, "query_attention", first.QueryAttention.Select(number => (double?)number));
        json.WriteString("reading", AnalysisJson.Name(first.Options.Reading));
        json.WriteBoolean("split_heads", first.Options.SplitHeads);
        if (first.Options.FoilKey is { } foil)
            json.WriteNumber("foil_key", foil.GetOffset(first.TokenIds.Length));
        else
            json.WriteNull("foil_key");
        AnalysisJson.WriteObjects(json, "keys", all, found => WriteKey(json, found, model));
    }

    static void WriteKey(Utf8JsonWriter json, ScoreAttribution found, LanguageModel model)
    {
        json.WriteNumber("key", found.Key);
        AnalysisJson.WriteNumber(json, "score", found.Score);
        AnalysisJson.WriteNumber(json, "attention", found.Attention);
        AnalysisJson.WriteNumber(json, "measured", found.Measured);
        AnalysisJson.WriteNumber(json, "rounding", found.Rounding);
        AnalysisJson.WriteNumber(json, "position_alone", found.PositionAlone);
        AnalysisJson.WriteList(json, "query_parts", found.QueryParts, part => json.WriteStringValue(part.Label));
        AnalysisJson.WriteList(json, "key_parts", found.KeyParts, part => json.WriteStringValue(part.Label));
        WriteNumbers("by_query_part", found.ByQueryPart);
        WriteNumbers("by_key_part", found.ByKeyPart);
        WriteNumbers("attention_without", found.AttentionWithout);
        WriteNumbers("pairs", found.Pairs);
        if (found.Verification is { } measured)
            WriteVerification(json, measured, model.Tokenizer.Token);
        else
            json.WriteNull("verification");

        void WriteNumbers(string name, ValueArray<double> numbers) =>
            AnalysisJson.WriteNumbers(json, name, numbers.Select(number => (double?)number));
    }

    /// <summary>Writes the member <c>verification</c> of a key: what was measured with parts taken out.</summary>
    /// <param name="json">The object of the key, which stays open.</param>
    /// <param name="measured">What was measured.</param>
    /// <param name="tokens">Returns the token of an id.</param>
    public static void WriteVerification(
        Utf8JsonWriter json, ScoreVerification measured, Func<int, TokenText> tokens)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentNullException.ThrowIfNull(tokens);
        json.WriteStartObject("verification");
        AnalysisJson.WriteTarget(json, measured.Target, tokens);
        Write("unchanged", measured.Unchanged);
        AnalysisJson.WriteObjects(json, "parts", measured.Parts, part =>
        {
            json.WriteString("input", AnalysisJson.Name(part.Input));
            json.WriteString("label", part.Part.Label);
            AnalysisJson.WriteNumber(json, "attributed", part.Attributed);
            Write("held", part.Held);
            Write("recomputed", part.Recomputed);
        });
        json.WriteEndObject();

        void Write(string name, MeasuredScore one)
        {
            json.WriteStartObject(name);
            AnalysisJson.WriteNumber(json, "score", one.Score);
            AnalysisJson.WriteNumber(json, "attention", one.Attention);
            AnalysisJson.WriteNumber(json, "metric", one.Metric);
            json.WriteEndObject();
        }
    }
}
