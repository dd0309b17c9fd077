namespace RatIlgpu.Analysis;

/// <summary>One of several prompts to analyse; change it with <c>with</c>.</summary>
/// <param name="TokenIds">The prompt, <c>[tokens]</c>, at least one.</param>
public sealed record AnalysisPrompt(ValueArray<int> TokenIds)
{
    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask { get; init; }

    /// <summary>Gets the tokens or the direction that are explained or followed. Default: none, which only the lens
    /// and head scores allow.</summary>
    public LogitTarget? Target { get; init; }

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

    /// <summary>Returns the recorded run, or records one.</summary>
    internal Recording Record(
        Qwen2Model model, ImmutableArray<Capture> captures, CancellationToken cancellation)
    {
        if (Run is not { } run)
            return new Recorder(model).Record(
                TokenIds.AsSpan(), captures, new() { AttentionMask = AttentionMask }, cancellation);
        run.CheckPrompt(TokenIds, AttentionMask, "prompt");
        return run;
    }

    /// <summary>Throws if there is no prompt.</summary>
    internal static void NeedSome(IReadOnlyList<AnalysisPrompt> prompts)
    {
        if (prompts.Count == 0)
            throw new ArgumentException("There is no prompt: at least one is needed.");
    }
}
