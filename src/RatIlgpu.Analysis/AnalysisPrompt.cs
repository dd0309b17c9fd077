namespace RatIlgpu.Analysis;

/// <summary>One of several prompts to analyse; change it with <c>with</c>.</summary>
/// <param name="TokenIds">The prompt, <c>[tokens]</c>, at least one.</param>
public sealed record AnalysisPrompt(ValueArray<int> TokenIds)
{
    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the tokens or the direction that are explained or followed at all positions. Default: none, which
    /// only the lens and head scores allow.</summary>
    public LogitTarget? Target { get; init; }

    /// <summary>Gets the target of each position, in the order of <see cref="Positions"/>; <see cref="Target"/> is then
    /// null. Default: null, <see cref="Target"/> at all positions.</summary>
    public ValueArray<LogitTarget>? Targets { get; init; }

    /// <summary>Gets the positions, <c>^1</c> for the last: at least one, each once. Default: the last.</summary>
    public ValueArray<Index> Positions { get; init; } = [^1];

    /// <summary>Gets the recorded run of the prompt, which is read instead of running the prompt. Default: null, the
    /// prompt is run.</summary>
    public Recording? Run { get; init; }

    /// <summary>Returns the prompt of a recorded run.</summary>
    /// <param name="run">The run, which is read instead of running the prompt.</param>
    public static AnalysisPrompt Of(Recording run) => new(run.TokenIds)
    {
        AttentionMask = run.AttentionMask,
        Run = run,
    };

    /// <summary>Returns a prompt of which each position is explained by the token that follows it; the last position,
    /// which none follows, is left out, and so is padding.</summary>
    /// <param name="tokenIds">The prompt, <c>[tokens]</c>.</param>
    /// <param name="attentionMask">The attention mask, <c>[tokens]</c>; null for no padding.</param>
    /// <exception cref="ArgumentException">No token follows another, or the mask has another length than the
    /// prompt.</exception>
    /// <remarks>The attribution of CircuitsVis, where no direction is given (McDougall, 2023).</remarks>
    public static AnalysisPrompt OfNextTokens(ValueArray<int> tokenIds, ValueArray<int>? attentionMask = null)
    {
        if (attentionMask is { } mask && mask.Length != tokenIds.Length)
            throw new ArgumentException(
                $"The attention mask is for {CountText.Of(mask.Length, "token")}, but the prompt has "
                + $"{tokenIds.Length}.");
        int[] followed =
            [.. Enumerable.Range(0, Math.Max(0, tokenIds.Length - 1)).Where(at => IsToken(at) && IsToken(at + 1))];
        return followed.Length == 0
            ? throw new ArgumentException("The prompt has no token that another follows, expected two tokens at least.")
            : new(tokenIds)
            {
                AttentionMask = attentionMask,
                Positions = [.. followed.Select(at => (Index)at)],
                Targets = [.. followed.Select(at => new LogitTarget(tokenIds[at + 1]))],
            };

        bool IsToken(int at) => attentionMask is not { } given || given[at] != 0;
    }

    /// <summary>Reads the run of each prompt, in order: its recorded run, or one that is recorded, many prompts
    /// together, and not held after it was read.</summary>
    /// <exception cref="ArgumentException">There is no prompt; a prompt does not fit the model; or a recorded run is of
    /// another model, prompt or padding; thrown before anything runs.</exception>
    internal static void ReadAll(
        Qwen2Model model,
        IReadOnlyList<AnalysisPrompt> prompts,
        Func<AnalysisPrompt, ImmutableArray<Capture>> captures,
        Action<AnalysisPrompt, Recording> read,
        CancellationToken cancellation)
    {
        NeedSome(prompts);
        foreach (var prompt in prompts)
            prompt.CheckRun(model);
        List<RecordedPrompt> toRun =
        [
            .. prompts.Where(prompt => prompt.Run is null).Select(prompt => new RecordedPrompt(prompt.TokenIds)
            {
                AttentionMask = prompt.AttentionMask,
                Captures = captures(prompt),
            }),
        ];
        using var groups = new Recorder(model).RecordGroups(toRun, [], null, cancellation).GetEnumerator();
        foreach (var prompt in prompts)
            ReadNext(prompt);

        // A method of its own: its frame, and the recording in it, is gone before the next prompt runs.
        void ReadNext(AnalysisPrompt prompt)
        {
            if (prompt.Run is null && groups.Current is not { Count: > 0 } && !groups.MoveNext())
                throw new InvalidOperationException("There are fewer runs than prompts.");
            read(prompt, prompt.Run ?? groups.Current.Dequeue());
        }
    }

    /// <summary>Throws if there is no prompt.</summary>
    internal static void NeedSome(IReadOnlyList<AnalysisPrompt> prompts)
    {
        if (prompts.Count == 0)
            throw new ArgumentException("There is no prompt: at least one is needed.");
    }

    /// <summary>Returns the target of each position; null where there is none.</summary>
    /// <exception cref="ArgumentException">There are not as many targets as positions, or also one for all
    /// positions.</exception>
    internal ImmutableArray<LogitTarget?> TargetOfEach()
    {
        if (Targets is not { } targets)
            return [.. Positions.Select(_ => Target)];
        if (Target is not null)
            throw new ArgumentException(
                "The prompt has a target for all positions and a target for each, expected one of the two.");
        return targets.Length == Positions.Length
            ? [.. targets.Select(target => (LogitTarget?)target)]
            : throw new ArgumentException(FormattableString.Invariant(
                $"The prompt has {targets.Length} targets for {Positions.Length} positions, expected one for each."));
    }

    /// <summary>Throws if the recorded run is of another model, prompt or padding.</summary>
    internal void CheckRun(Qwen2Model model)
    {
        Run?.CheckFor(model);
        Run?.CheckPrompt(TokenIds, AttentionMask, "prompt");
    }
}
