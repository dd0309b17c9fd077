using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The positions whose logits are explained, and by which tokens.</summary>
/// <param name="Positions">The positions of prompts that do not have their own.</param>
/// <param name="ByNextToken">Whether each position is explained by the token after it.</param>
/// <param name="Metric">The token or direction where it is not.</param>
sealed record ExplainedPositions(Options.Selection Positions, bool ByNextToken, MetricOptions Metric)
{
    ImmutableArray<StreamDirection> directions;

    // One for all positions, or one for each token of the prompt; none where tokens are looked at.
    ImmutableArray<StreamDirection> Directions => directions.IsDefault
        ? directions = Metric.DirectionFile is { } file ? StreamDirection.LoadEach(file) : []
        : directions;

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">They contradict each other.</exception>
    public static ExplainedPositions Read(ParseResult parsed, CliOptions options, MetricOptions metric)
    {
        var next = parsed.Get(options.NextToken);
        if (next && (metric.Answer ?? metric.Foil ?? metric.DirectionFile) is not null)
            throw new UsageException(
                "--next-token stands in the place of a token or a direction; leave --answer, --foil and --direction "
                + "out.");
        var asked = parsed.Get(options.Position)!;
        return new(next && !parsed.Has(options.Position) ? Options.Selection.All : asked, next, metric);
    }

    /// <summary>Checks the answers that are given, before anything runs.</summary>
    /// <exception cref="ArgumentException">One is not one token, or a prompt has one where there is no place for
    /// it.</exception>
    public void Check(Session session)
    {
        if (!ByNextToken && Directions.IsEmpty)
            Metric.Check(session);
        else if (!ByNextToken)
            foreach (var prompt in Directions.Length == 1 ? [] : session.Prompts)
                CheckCount(prompt, session.Encode(prompt).Length);
        else if (session.Prompts.FirstOrDefault(prompt => (prompt.Answer ?? prompt.Foil) is not null) is { } prompt)
            throw new ArgumentException(
                $"{prompt.Where}: has an answer or a foil, whose place --next-token takes; leave one of them out.");
    }

    /// <summary>Returns a run without the positions that cannot be explained: that of the last token, which none
    /// follows.</summary>
    /// <exception cref="ArgumentException">No position is left.</exception>
    public PromptRun Kept(PromptRun run)
    {
        if (!ByNextToken)
            return run;
        ImmutableArray<int> kept = [.. run.Positions.Where(position => IsFollowed(run, position))];
        return kept.IsEmpty
            ? throw new ArgumentException(
                $"{run.Prompt.Where}: --next-token explains a position by the token after it, and no token follows "
                + $"{(run.Ids.Length == 1 ? "the only one" : "the chosen ones")}; choose earlier positions.")
            : run with { Positions = kept };
    }

    /// <summary>Returns a run with its targets. Where no answer is given, each position is explained by its own
    /// likeliest token.</summary>
    public AnalysisPrompt Case(PromptRun run, LanguageModel model) => new([.. run.Ids])
    {
        Targets =
        [
            .. run.Positions.Select(position => ByNextToken
                ? new(run.Ids[position + 1])
                : !Directions.IsEmpty ? new(Directions[Directions.Length == 1 ? 0 : position])
                : Metric.TargetOf(run.Prompt, model, () => run.LikeliestAt(position))),
        ],
        Positions = run.Places,
        AttentionMask = run.Run.AttentionMask,
        Run = run.Run,
    };

    void CheckCount(Prompts.Prompt prompt, int length)
    {
        if (Directions.Length != length)
            throw new ArgumentException(
                $"{prompt.Where}: --direction has {Directions.Length} directions, expected one, or one for each of the "
                + $"{length} tokens.");
    }

    static bool IsFollowed(PromptRun run, int position) =>
        position + 1 < run.Ids.Length && run.Run.AttentionMask?[position + 1] != 0;
}
