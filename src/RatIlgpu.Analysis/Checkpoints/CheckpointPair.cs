namespace RatIlgpu.Analysis;

/// <summary>Two checkpoints that can be compared: of one shape, and of one tokenizer where both have one.</summary>
sealed class CheckpointPair
{
    CheckpointPair(LanguageModel a, LanguageModel b, Tokenizer tokenizer, ImmutableArray<string> warnings) =>
        (A, B, Tokenizer, Warnings) = (a, b, tokenizer, warnings);

    /// <summary>Gets the first model.</summary>
    public LanguageModel A { get; }

    /// <summary>Gets the second model.</summary>
    public LanguageModel B { get; }

    /// <summary>Gets the tokenizer of both.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Gets what a user should know of the pair; usually nothing.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Gets whether both models have logits.</summary>
    public bool HasLogits => A.Network.Weights.HasUnembedding && B.Network.Weights.HasUnembedding;

    /// <summary>Joins two checkpoints.</summary>
    /// <exception cref="ArgumentException">They have different shapes, settings or tokenizers.</exception>
    public static CheckpointPair Of(LanguageModel a, LanguageModel b)
    {
        foreach (var (setting, one, other) in Settings(a.Config, b.Config))
            if (one != other)
                throw Unlike(a, b, $"{setting} is {one}", $"{other}", "the same: two checkpoints of one shape are "
                    + "compared, such as a model and one that was fine-tuned from it");
        if (a.Network.Weights.HasUnembedding != b.Network.Weights.HasUnembedding)
            throw Unlike(
                a, b, a.Network.Weights.HasUnembedding ? "lm_head.weight is there" : "lm_head.weight is missing",
                a.Network.Weights.HasUnembedding ? "missing" : "there", "it in both or in none");
        CheckTokens(a, b);
        var (isCutA, isCutB) = (a.Tokenizer.EncodesTexts, b.Tokenizer.EncodesTexts);
        return new(a, b, isCutA || !isCutB ? a.Tokenizer : b.Tokenizer, isCutA == isCutB
            ? []
            :
            [
                $"{(isCutA ? Named("B", b) : Named("A", a))} has no tokenizer: that of {(isCutA ? "A" : "B")} is "
                + "used.",
            ]);
    }

    static IEnumerable<(string Setting, string A, string B)> Settings(Qwen2Config a, Qwen2Config b)
    {
        yield return Of("num_hidden_layers", a.LayerCount, b.LayerCount);
        yield return Of("hidden_size", a.HiddenSize, b.HiddenSize);
        yield return Of("num_attention_heads", a.HeadCount, b.HeadCount);
        yield return Of("num_key_value_heads", a.KeyValueHeadCount, b.KeyValueHeadCount);
        yield return Of("head_dim", a.HeadSize, b.HeadSize);
        yield return Of("intermediate_size", a.IntermediateSize, b.IntermediateSize);
        yield return Of("vocab_size", a.VocabularySize, b.VocabularySize);
        yield return Of("attention_bias", YesNo(a.HasBiases), YesNo(b.HasBiases));
        yield return Of("the norm of query and key heads", YesNo(a.NormsHeads), YesNo(b.NormsHeads));
        yield return Of("rms_norm_eps", a.RmsNormEpsilon, b.RmsNormEpsilon);
        yield return Of("rope_theta", a.RopeTheta, b.RopeTheta);
        yield return Of("rope_scaling", ScalingOf(a), ScalingOf(b));
        if (a.LayerCount == b.LayerCount)
            for (var layer = 0; layer < a.LayerCount; layer++)
                yield return Of(
                    FormattableString.Invariant($"the window of layer {layer}"), WindowOf(a, layer),
                    WindowOf(b, layer));

        static (string, string, string) Of(string setting, IFormattable one, IFormattable other) => (
            setting, one.ToString(null, CultureInfo.InvariantCulture),
            other.ToString(null, CultureInfo.InvariantCulture));
    }

    static FormattableString YesNo(bool value) => value ? $"true" : (FormattableString)$"false";

    static FormattableString WindowOf(Qwen2Config config, int layer) =>
        config.WindowOf(layer) is < int.MaxValue and var window ? $"{window}" : (FormattableString)$"none";

    // All settings, as the record prints them.
    static FormattableString ScalingOf(Qwen2Config config) =>
        config.RopeScaling is { } scaling ? $"{scaling}" : (FormattableString)$"none";

    static void CheckTokens(LanguageModel a, LanguageModel b)
    {
        if (!a.Tokenizer.EncodesTexts || !b.Tokenizer.EncodesTexts)
            return;
        const string Cure = "one tokenizer: positions of texts could not be compared; take the tokenizer files of one "
            + "for both if the models were trained with them";
        for (var id = 0; id < a.Config.VocabularySize; id++)
            if (a.Tokenizer.Token(id) != b.Tokenizer.Token(id))
                throw Unlike(
                    a, b, FormattableString.Invariant($"token {id} is {Shown(a, id)}"), Shown(b, id), Cure);
        // Equal tokens with other merges or other rules for words cut texts differently.
        foreach (var document in TextCorpus.BuiltIn.Documents())
        {
            var (one, other) = (a.Tokenizer.Encode(document.Text).Ids, b.Tokenizer.Encode(document.Text).Ids);
            if (!one.SequenceEqual(other))
            {
                var place = one.AsSpan().CommonPrefixLength(other.AsSpan());
                throw Unlike(
                    a, b,
                    FormattableString.Invariant($"token {place} of {document.Name} is {ShownAt(a, one, place)}"),
                    ShownAt(b, other, place), Cure);
            }
        }
    }

    static string ShownAt(LanguageModel model, ImmutableArray<int> ids, int place) =>
        place < ids.Length ? Shown(model, ids[place]) : "none";

    static string Shown(LanguageModel model, int id) => model.Tokenizer.Token(id) switch
    {
        { IsPartial: true } token => $"⟨{Convert.ToHexString(token.Bytes.AsSpan())}⟩",
        { Text: "" } => "none",
        var token => OneLine.Quote(token.Text),
    };

    static ArgumentException Unlike(LanguageModel a, LanguageModel b, string one, string other, string expected) =>
        new($"{one} in {Named("A", a)} and {other} in {Named("B", b)}, expected {expected}.");

    /// <summary>Returns how a message names one of the models.</summary>
    public static string Named(string which, LanguageModel model) => $"{which} ({OneLine.Shorten(model.Name)})";
}
