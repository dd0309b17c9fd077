namespace RatIlgpu;

/// <summary>One prompt of several that are traced together; change it with <c>with</c>.</summary>
/// <param name="Ids">The tokens, at least one.</param>
public sealed record TracePrompt(ValueArray<int> Ids)
{
    /// <summary>Gets the number of tokens of the prompt proper, in [1, tokens]; the tokens after them were generated.
    /// Default: null, all.</summary>
    public int? PromptLength { get; init; }

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per token. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the positions to trace, at least one; <c>^1</c> is the last token. Default: null, those that are
    /// given for all prompts.</summary>
    public ValueArray<Index>? Positions
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }
}
