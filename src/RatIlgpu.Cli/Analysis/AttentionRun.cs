using RatIlgpu.Html;
using Prompt = RatIlgpu.Cli.Prompts.Prompt;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Reads the heads of prompts, and puts them on a page as they come.</summary>
sealed class AttentionRun
{
    readonly Session session;
    readonly AttentionPageBuilder page;
    readonly ImmutableArray<ImmutableArray<int>> ids;
    readonly ImmutableArray<ValueArray<string>> interventions;
    readonly List<AttentionSummary> summaries = [];
    readonly List<Recording> runs = [];

    /// <summary>Chooses prompts and heads.</summary>
    /// <exception cref="ArgumentException">A choice does not fit the model or the prompts, or the look does not fit the
    /// prompts.</exception>
    public AttentionRun(Session session, AttentionChoice choice, AttentionPageOptions look)
    {
        (this.session, Ablated) = (session, session.Named(choice.Ablated, "--ablate"));
        Prompts = choice.PromptsOf(session);
        ids = [.. Prompts.Select(one => session.Encode(one.Prompt))];
        if (look.Mode == AttentionMode.Lines && Prompts.Length > 1)
            throw new ArgumentException(
                $"--mode lines shows one prompt, but there are {Prompts.Length}; choose one with --batch-index.");
        List<Recording> recorded = [.. Prompts.Select(one => one.Prompt.Recording).OfType<Recording>()];
        Heads = choice.HeadsOf(session, recorded);
        interventions = [.. Prompts.Select(one => InterventionsOf(one.Prompt))];
        var shown = look with
        {
            ModelName = session.Model.Name,
            Origin = session.Origin,
            Interventions = interventions,
        };
        page = new(shown) { HeadOrder = Heads };
        var options = new AttentionOptions
        {
            Heads = Heads,
            Vectors = look.Mode == AttentionMode.Lines,
            Rollout = choice.Rollout,
            Interventions = [.. session.Ablations(Ablated)],
        };
        // Without recorded values a page can still show the attention itself.
        var reader = new AttentionReader(session.Model.Network);
        var weighted = options with { ValueFactors = true, InfoFactors = true };
        Options = look.Weights != AttentionWeights.Standard || recorded.All(run => reader.CanRead(run, weighted))
            ? weighted
            : options;
    }

    /// <summary>Gets the prompts that are shown, and their names; null for their texts.</summary>
    public ImmutableArray<(Prompt Prompt, string? Label)> Prompts { get; }

    /// <summary>Gets the heads, in the order asked.</summary>
    public ImmutableArray<HeadIndex> Heads { get; }

    /// <summary>Gets what is read of them.</summary>
    public AttentionOptions Options { get; }

    /// <summary>Gets the heads of each prompt in numbers.</summary>
    public IReadOnlyList<AttentionSummary> Summaries => summaries;

    /// <summary>Gets the runs of the prompts, where they are kept.</summary>
    public IReadOnlyList<Recording> Runs => runs;

    /// <summary>Gets the heads that the model runs without.</summary>
    public ImmutableArray<HeadIndex> Ablated { get; }

    /// <summary>Returns the tokens of a prompt.</summary>
    public ImmutableArray<int> TokensOf(int place) => ids[place];

    /// <summary>Reads the heads of every prompt. Short prompts run together.</summary>
    /// <param name="keepsRuns">Whether the runs are recorded.</param>
    public void Read(bool keepsRuns)
    {
        using var progress = new ProgressLine(session.Terminal);
        foreach (var group in PromptGroups.Of([.. ids.Select(one => one.Length)]))
        {
            var (first, count) = group.GetOffsetAndLength(Prompts.Length);
            var part = new PartProgress(progress, first, count, Prompts.Length);
            var recorded = RunsOf(first, count, keepsRuns, part);
            for (var place = 0; place < count; place++)
                Read(first + place, recorded[place], part);
            if (keepsRuns)
                runs.AddRange(recorded.OfType<Recording>());
        }
    }

    /// <summary>Renders the page of what was read.</summary>
    /// <exception cref="ArgumentException">The page is too large.</exception>
    public HtmlPage Render() => Abandonable.Run(session.Cancellation, page.ToPage);

    /// <summary>Draws the heads over the first prompt as a static figure.</summary>
    public string Draw() => Abandonable.Run(session.Cancellation, () => page.ToSvg());

    void Read(int place, Recording? run, IProgress<double> progress)
    {
        var ((prompt, label), network) = (Prompts[place], session.Model.Network);
        var mask = prompt.AttentionMask;
        var found = new Dictionary<HeadIndex, HeadSummary>();
        page.BeginPrompt([.. ids[place].Select(session.Model.Tokenizer.Token)], mask, label);
        new AttentionReader(network) { Progress = progress }.Read(
            new AnalysisPrompt(ids[place]) { AttentionMask = mask, Run = run },
            Options,
            head =>
            {
                found.Add(head.Head, HeadSummary.Of(head, mask));
                page.Add(head);
            },
            session.Cancellation);
        summaries.Add(new(ids[place], mask, [.. Heads.Select(head => found[head])])
        {
            Label = label,
            Interventions = interventions[place],
        });
    }

    // In the words of a recording.
    ValueArray<string> InterventionsOf(Prompt prompt) => prompt.Recording is { } run
        ? run.Interventions
        : [.. session.Ablations(Ablated).Select(change => change.ToString())];

    // The recorded runs of some prompts; null for a prompt that is read while it runs, which takes less memory.
    List<Recording?> RunsOf(int first, int count, bool keepsRuns, IProgress<double> progress)
    {
        ImmutableArray<Prompt> prompts = [.. Prompts.Skip(first).Take(count).Select(one => one.Prompt)];
        if (prompts.Any(prompt => prompt.Recording is not null) || (count == 1 && !keepsRuns))
            return [.. prompts.Select(prompt => prompt.Recording)];
        var network = session.Model.Network;
        return
        [
            .. new Recorder(network) { Progress = progress }.RecordAll(
                [
                    .. prompts.Select((prompt, place) =>
                        new RecordedPrompt(ids[first + place]) { AttentionMask = prompt.AttentionMask }),
                ],
                new AttentionReader(network).Captures(Options), new() { Interventions = Options.Interventions },
                session.Cancellation),
        ];
    }
}
