using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Which heads of which prompts are shown.</summary>
/// <param name="Layers">The layers; null for all.</param>
/// <param name="Heads">The heads; null for all.</param>
/// <param name="Batch">The prompts, of several.</param>
/// <param name="Labels">The names of all prompts; null for none.</param>
/// <param name="Ablated">The heads whose output is set to 0.</param>
/// <param name="Rollout">Whether the rollouts are shown too.</param>
sealed record AttentionChoice(
    Selection? Layers, HeadChoice? Heads, Selection Batch, LabelList? Labels, ImmutableArray<HeadIndex> Ablated,
    bool Rollout)
{
    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Two of them contradict each other.</exception>
    public static AttentionChoice Read(ParseResult parsed, CliOptions options)
    {
        parsed.Need(
            parsed.Has(options.Prompts) || parsed.Has(options.FromRecording), "--prompts or --from-recording",
            options.BatchIndex, options.Labels, options.Picker);
        var heads = HeadChoice.Of(parsed.Get(options.Heads));
        return heads is { Names.IsEmpty: false } && parsed.Has(options.Layers)
            ? throw new UsageException(
                $"--heads has {heads.Names[0]}, which names its layer; leave --layers out, or give heads by number.")
            : new(
                Selection.Narrower(parsed.Get(options.Layers)), heads, parsed.Get(options.BatchIndex)!,
                parsed.Get(options.Labels), parsed.List(options.Ablate), parsed.Get(options.Rollout));
    }

    /// <summary>Returns the heads that are shown, in the order asked.</summary>
    /// <param name="session">The model.</param>
    /// <param name="runs">The recorded runs of the prompts; none where they run now.</param>
    /// <exception cref="ArgumentException">A layer or head is not there, or was not recorded of every
    /// prompt.</exception>
    public ImmutableArray<HeadIndex> HeadsOf(Session session, IReadOnlyList<Recording> runs)
    {
        if (Heads is { Names: { IsEmpty: false } names })
            return session.Named(names);
        var found = new AttentionReader(session.Model.Network).HeadsOf(
            new() { Layers = Layers is { } some ? [.. session.Layers(some).Select(layer => (Index)layer)] : null },
            runs);
        if (Selection.Narrower(Heads?.Numbers) is not { } asked)
            return found;
        var numbers = session.Heads(asked);
        return [.. found.Where(head => numbers.Contains(head.Head))];
    }

    /// <summary>Returns the prompts that are shown, with their names.</summary>
    /// <exception cref="ArgumentException">There is no such prompt, or not one name for each.</exception>
    public ImmutableArray<(Prompts.Prompt Prompt, string? Label)> PromptsOf(Session session)
    {
        var count = session.Prompts.Length;
        var labels = Labels?.For(count);
        return
        [
            .. Batch.Resolve(count, "--batch-index", $"a batch of {count} prompt{(count == 1 ? "" : "s")}")
                .Select(place => (session.Prompts[place], labels?[place])),
        ];
    }
}
