namespace RatIlgpu.Analysis;

/// <summary>One of several prompts to record; change it with <c>with</c>.</summary>
/// <param name="TokenIds">The tokens, at least one.</param>
public sealed record RecordedPrompt(ValueArray<int> TokenIds)
{
    /// <summary>Gets the number of tokens of the prompt proper, in [1, tokens]; the tokens after them were generated.
    /// Default: null, all.</summary>
    public int? PromptLength { get; init; }

    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the activations to record of this prompt. Default: null, those that are given for all
    /// prompts.</summary>
    public ValueArray<Capture>? Captures { get; init; }
}
