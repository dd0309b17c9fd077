namespace RatIlgpu.Analysis;

/// <summary>What a prediction table shows; change it with <c>with</c>.</summary>
public sealed record PredictionOptions
{
    /// <summary>Gets the heads. Default: none, which means the <see cref="ChosenHeads"/> heads of the model whose
    /// zeroing changes the predictions most.</summary>
    public ValueArray<HeadIndex> Heads { get; init; } = [];

    /// <summary>Gets the number of heads that are chosen where none are named, at least 1. Default: 3.</summary>
    public int ChosenHeads { get; init; } = 3;

    /// <summary>Gets the most tokens that are listed as risen, and the most as fallen, at least 1. Default:
    /// 20.</summary>
    public int Top { get; init; } = 20;

    /// <summary>Gets the ids that are neither predicted nor listed, such as
    /// <see cref="LanguageModel.IdsWithoutToken"/>. Default: none.</summary>
    public ValueArray<int> Masked { get; init; } = [];

    /// <summary>Returns the tokens that are shown.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or leaves no token.</exception>
    internal PredictedTokens ShownFor(Qwen2Config config)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ChosenHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Top, 1);
        return PredictedTokens.Without(config.VocabularySize, Masked.AsSpan());
    }
}

/// <summary>A prompt whose next token is predicted under conditions.</summary>
/// <param name="Ids">The tokens; what comes after the position is left out.</param>
/// <param name="Position">The position t after whose token is predicted, from 0.</param>
/// <param name="Label">Where the prompt is from, in a few words; empty for nothing.</param>
public sealed record PredictionPrompt(ValueArray<int> Ids, int Position, string Label = "");

/// <summary>A condition of one's own.</summary>
/// <param name="Name">The condition in a few words.</param>
/// <param name="Changes">The interventions, all in layers; none changes nothing.</param>
public sealed record GivenCondition(string Name, ValueArray<Intervention> Changes)
{
    /// <summary>Gets the components that the interventions take out, which give the condition its kind, its heads and
    /// its layer; null where they do something else.</summary>
    public AblatedComponents? Components { get; init; }
}
