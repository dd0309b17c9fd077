namespace RatIlgpu.Tracing;

/// <summary>What a reader of a trace should know beside its numbers.</summary>
static class TraceNotices
{
    /// <summary>Returns the notices of a trace.</summary>
    /// <param name="model">The traced model.</param>
    /// <param name="options">The options, resolved.</param>
    /// <param name="ids">The tokens of the prompt.</param>
    public static ImmutableArray<string> Of(LanguageModel model, TraceOptions options, ReadOnlySpan<int> ids)
    {
        var (first, notices) = (model.Tokenizer.BosTokenId, ImmutableArray.CreateBuilder<string>());
        if (first is { } added)
            notices.Add(OfFirst(added, model.Tokenizer, ids));
        if (model.Tokenizer.PromptEnd is [.., var last] && ids[^1] == last)
            notices.Add(
                $"The prompt ends with the token {Named(last, model.Tokenizer)}, which the tokenizer puts after "
                + "texts.");
        if (options is { StopAtBos: true, BosTokenId: { } bos } && bos != first && !ids.Contains(bos))
            notices.Add($"The prompt has no BOS token {bos}: no path ends at one.");
        if (options.AttentionMask is { } mask && mask[options.TargetPosition] == 0)
            notices.Add($"The target, position {options.TargetPosition}, is masked as padding.");
        if (options.TargetPosition.Value >= model.Config.MaxPositions)
            notices.Add(
                $"The target is at position {options.TargetPosition}, beyond the {model.Config.MaxPositions} positions "
                + "the model was made for: attention there may mean little.");
        return notices.ToImmutable();
    }

    static string OfFirst(int bos, Tokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        var token = $"BOS token {Named(bos, tokenizer)}";
        return ids[0] != bos ? $"The prompt does not begin with the {token}, which the tokenizer puts before texts."
            : ids is [_, var second, ..] && second == bos ? $"The prompt begins with the {token}, twice: the tokenizer "
                + "puts that token before texts, and the text has it too."
            : $"The prompt begins with the {token}, which the tokenizer puts before texts.";
    }

    static string Named(int id, Tokenizer tokenizer) =>
        FormattableString.Invariant($"{id}, {PathText.Token(tokenizer.Token(id))}");
}
