using RatIlgpu.Files;

namespace RatIlgpu.Models;

/// <summary>Judges by a <c>config.json</c> whether a checkpoint is a model of next tokens with causal
/// attention.</summary>
static class ModelKind
{
    // Fields that say, each in the way of another family, that positions also attend to later ones.
    static readonly (string Field, string Causal)[] Directions =
    [
        ("is_causal", "true"), ("causal", "true"), ("use_bidirectional_attention", "false"),
        ("bidirectional", "false"), ("is_bidirectional", "false"),
    ];

    // What a part of the name of a class says of the model.
    static readonly (string Part, string Kind)[] OtherHeads =
    [
        ("ForSequenceClassification", "a classifier of texts"),
        ("ForTokenClassification", "a classifier of tokens"),
        ("ForQuestionAnswering", "a model that marks answers in a text"),
        ("RewardModel", "a reward model"),
        ("ForMaskedLM", "a model of masked tokens"),
        ("ForMNTP", "a model of masked tokens"),
        ("Bidirectional", "a model whose attention has both directions"),
        ("BiModel", "a model whose attention has both directions"),
        ("ForConditionalGeneration", "a model of more than text"),
    ];

    /// <summary>Throws if a model is of another kind.</summary>
    /// <exception cref="InvalidDataException">It attends in both directions, or its head gives no next
    /// tokens.</exception>
    public static void Check(JsonPart fields)
    {
        foreach (var (name, causal) in Directions)
            if (fields[name].OrNull is { IsFlag: true } field)
                field.Need(
                    field.IsTrue == (causal == "true"),
                    $"{causal}: the model attends to later tokens, too, and here attention is causal");
        foreach (var architecture in Architectures(fields))
            if (Array.Find(OtherHeads, head => Contains(architecture, head.Part)) is { Kind: { } kind })
                throw architecture.Unexpected($"a model of next tokens, such as 'Qwen2ForCausalLM': it is {kind}");
    }

    /// <summary>Returns what a user should know of a config whose model was loaded.</summary>
    public static IEnumerable<string> Notices(JsonPart fields)
    {
        foreach (var name in (string[])["quantization_config", "quantization", "compression_config"])
            if (!fields[name].IsMissing)
                yield return $"{name} of config.json is ignored: the weights are not quantized.";
        if (fields["auto_map"].OrNull is { IsObject: true, IsEmptyObject: false })
            yield return
                "auto_map of config.json names a program of the checkpoint's own, which is not run: the model is "
                + $"computed as model_type {OneLine.Quote(fields["model_type"].Text())} is.";
    }

    static JsonPart[] Architectures(JsonPart fields) =>
        fields["architectures"] is { IsList: true } list ? list.Items() : [];

    static bool Contains(JsonPart name, string part) =>
        name.IsText && name.Text().Contains(part, StringComparison.Ordinal);
}
