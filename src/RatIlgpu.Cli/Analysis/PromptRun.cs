using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Analysis;

/// <summary>A prompt, its positions, and its recorded run.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Ids">Its tokens.</param>
/// <param name="Positions">The positions that are looked at, ascending.</param>
/// <param name="Run">The run.</param>
sealed record PromptRun(Prompt Prompt, ImmutableArray<int> Ids, ImmutableArray<int> Positions, Recording Run)
{
    /// <summary>Gets the positions as the analyses take them.</summary>
    public ImmutableArray<Index> Places => [.. Positions.Select(position => (Index)position)];

    /// <summary>Gets the run as it is kept: with the positions that are looked at.</summary>
    public Recording ToKeep => Run.AskedAt(Places.AsSpan());

    /// <summary>Returns the logits at a position, <c>[vocabulary]</c>; null where the run was recorded without
    /// them.</summary>
    public float[]? LogitsAt(int position) =>
        Run.TryGet(Site.Logits, out var logits) && logits.Has(position) ? logits.Row(position).ToArray() : null;

    /// <summary>Returns the likeliest next token at a position.</summary>
    /// <exception cref="ArgumentException">The run was recorded without logits there.</exception>
    public int LikeliestAt(int position)
    {
        var logits = LogitsAt(position) ?? throw new ArgumentException(
            $"{Prompt.Where}: the recording has no logits at position {position}, so there is no likeliest token; give "
            + "one with --answer.");
        return logits.IndexOf(logits.Max());
    }

    /// <summary>Returns the prompts of a session with their runs, recorded now where they were not before.</summary>
    /// <param name="session">The session.</param>
    /// <param name="position">The positions for prompts that do not have their own.</param>
    /// <param name="ablated">The heads whose output is set to 0.</param>
    /// <param name="captures">Returns the activations that the analysis reads.</param>
    /// <exception cref="ArithmeticException">A logit at one of the positions is not a finite number.</exception>
    public static ImmutableArray<PromptRun> All(
        Session session,
        Options.Selection position,
        ImmutableArray<HeadIndex> ablated,
        Func<ImmutableArray<Index>, ImmutableArray<Capture>> captures)
    {
        var changes = session.Ablations(ablated);
        var asked = session.Prompts.Select(Ask).ToList();
        List<RecordedPrompt> toRun = [.. asked.Where(one => one.Prompt.Recording is null).Select(ToRun)];
        using var progress = new ProgressLine(session.Terminal);
        using var recorded = new Recorder(session.Model.Network) { Progress = progress }
            .RecordAll(toRun, [], new() { Interventions = changes }, session.Cancellation)
            .GetEnumerator();
        return [.. asked.Select(one => Checked(new(one.Prompt, one.Ids, one.Positions, RunOf(one.Prompt))))];

        (Prompt Prompt, ImmutableArray<int> Ids, ImmutableArray<int> Positions) Ask(Prompt prompt)
        {
            var ids = session.Encode(prompt);
            return (prompt, ids, session.Positions(prompt, position, ids.Length));
        }

        RecordedPrompt ToRun((Prompt Prompt, ImmutableArray<int> Ids, ImmutableArray<int> Positions) one)
        {
            ImmutableArray<Index> places = [.. one.Positions.Select(place => (Index)place)];
            return new(one.Ids)
            {
                AttentionMask = one.Prompt.AttentionMask is { } mask ? [.. mask] : null,
                Captures =
                [
                    .. Session.WithOwnValues(captures(places), changes),
                    new(Activation.Logits) { Positions = places },
                ],
            };
        }

        static PromptRun Checked(PromptRun run)
        {
            foreach (var place in run.Positions)
                if (run.LogitsAt(place) is { } logits)
                    Session.CheckLogits(logits);
            return run;
        }

        Recording RunOf(Prompt prompt) => prompt.Recording ?? (recorded.MoveNext()
            ? recorded.Current
            : throw new InvalidOperationException("There are fewer runs than prompts."));
    }
}
