namespace RatIlgpu.Analysis;

/// <summary>A clean prompt, which shows the behaviour under study, and a corrupted one, which does not.</summary>
/// <remarks>Both have the same length, and a position means the same in both.</remarks>
public sealed record PromptPair
{
    /// <summary>Makes a pair.</summary>
    /// <param name="clean">The prompt whose activations are patched in, <c>[tokens]</c>.</param>
    /// <param name="corrupted">The prompt that runs with the patches, <c>[tokens]</c>.</param>
    /// <param name="attentionMask">The attention mask of both prompts, <c>[tokens]</c>: 1 for a token, 0 for padding,
    /// which is not patched; null for no padding.</param>
    /// <exception cref="ArgumentException">A prompt is empty, or one is longer than the other; the mask has another
    /// length, an entry other than 0 and 1, or no token.</exception>
    public PromptPair(
        ReadOnlySpan<int> clean, ReadOnlySpan<int> corrupted, ValueArray<int>? attentionMask = null)
    {
        if (clean.IsEmpty || corrupted.IsEmpty)
            throw new ArgumentException("A prompt is empty: at least one token is needed.");
        if (clean.Length != corrupted.Length)
            throw new ArgumentException(
                $"The clean prompt has {CountText.Of(clean.Length, "token")}, the corrupted one {corrupted.Length}; "
                + "expected equally many, so that each position means the same in both.");
        if (attentionMask is { IsDefault: false } mask)
            Check(mask, clean.Length);
        (Clean, Corrupted) = ([.. clean], [.. corrupted]);
        AttentionMask = attentionMask is { IsDefault: false } ? attentionMask : null;
        FirstDifference = 0;
        while (FirstDifference < Length
            && (IsPadding(FirstDifference) || clean[FirstDifference] == corrupted[FirstDifference]))
            FirstDifference++;
    }

    /// <summary>Gets the clean prompt.</summary>
    public ValueArray<int> Clean { get; }

    /// <summary>Gets the corrupted prompt.</summary>
    public ValueArray<int> Corrupted { get; }

    /// <summary>Gets the attention mask of both prompts, <c>[tokens]</c>: 1 for a token, 0 for padding; null for no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask { get; }

    /// <summary>Gets the recorded run of the clean prompt, which a sweep reads instead of running the prompt. Default:
    /// null, the prompt is run.</summary>
    /// <remarks>The run has the captures of <see cref="ActivationPatching.Captures"/> or
    /// <see cref="DirectPathPatching.Captures"/>.</remarks>
    /// <exception cref="ArgumentException">The recording is of another prompt or mask, or has
    /// interventions.</exception>
    public Recording? CleanRun
    {
        get;
        init => field = Checked(value, Clean, "clean prompt");
    }

    /// <summary>Gets the recorded run of the corrupted prompt, without any patch and with the captures of
    /// <see cref="CleanRun"/>. Default: null, the prompt is run.</summary>
    /// <exception cref="ArgumentException">The recording is of another prompt or mask, or has
    /// interventions.</exception>
    public Recording? CorruptedRun
    {
        get;
        init => field = Checked(value, Corrupted, "corrupted prompt");
    }

    /// <summary>Gets the number of positions of each prompt, padding included.</summary>
    public int Length => Clean.Length;

    /// <summary>Gets the first position, padding left out, at which the prompts have different tokens;
    /// <see cref="Length"/> if there is none.</summary>
    /// <remarks>Attention is causal, so the two runs agree before this position.</remarks>
    public int FirstDifference { get; }

    /// <summary>Returns the pair of two recorded runs, which a sweep reads instead of running the prompts.</summary>
    /// <param name="clean">The clean run.</param>
    /// <param name="corrupted">The corrupted run, as long as the clean one, with the same padding.</param>
    /// <exception cref="ArgumentException">One prompt is longer than the other, or has other padding; a run has
    /// interventions.</exception>
    public static PromptPair Of(Recording clean, Recording corrupted) =>
        new(clean.TokenIds.AsSpan(), corrupted.TokenIds.AsSpan(), clean.AttentionMask)
        {
            CleanRun = clean,
            CorruptedRun = corrupted,
        };

    /// <summary>Returns the pair with the roles exchanged: the corrupted run is patched into the clean one.</summary>
    public PromptPair Swapped() => new(Corrupted.AsSpan(), Clean.AsSpan(), AttentionMask)
    {
        CleanRun = CorruptedRun,
        CorruptedRun = CleanRun,
    };

    /// <summary>Returns whether a position is padding.</summary>
    internal bool IsPadding(int position) => AttentionMask is { } mask && mask[position] == 0;

    /// <summary>Returns chosen positions in ascending order; null means all.</summary>
    /// <exception cref="ArgumentException">No position is given, one is given twice, or one is padding.</exception>
    internal ImmutableArray<int> Resolve(ValueArray<Index>? asked)
    {
        var positions = ActivationAxes.Resolve(asked, Length, "position");
        if (asked is null)
            return [.. positions.Where(position => !IsPadding(position))];
        foreach (var position in positions)
            if (IsPadding(position))
                throw new ArgumentException(FormattableString.Invariant(
                    $"Position {position} is padding, expected that of a token."));
        return positions;
    }

    static void Check(ValueArray<int> mask, int length)
    {
        if (mask.Length != length)
            throw new ArgumentException(FormattableString.Invariant(
                $"The attention mask has {mask.Length} entries, expected {length}, one per token."));
        foreach (var entry in mask)
            if (entry is not (0 or 1))
                throw new ArgumentException(FormattableString.Invariant(
                    $"The attention mask has an entry {entry}, expected 0 for padding or 1 for a token."));
        if (!mask.Contains(1))
            throw new ArgumentException("The attention mask has no 1: at least one token is needed.");
    }

    Recording? Checked(Recording? run, ValueArray<int> ids, string prompt)
    {
        run?.CheckPrompt(ids, AttentionMask, prompt);
        // A recording has only the words of an intervention, so that patched runs could not carry it out: their metric
        // would mix two models.
        if (run is { Interventions.IsEmpty: false })
            throw new ArgumentException(
                $"The run of the {prompt} was recorded with interventions, the first: "
                + $"{OneLine.Shorten(run.Interventions[0])}, expected none, since patched runs go without them. Record "
                + "it without interventions.");
        return run;
    }
}
