using System.Text;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Devices;

namespace RatIlgpu.Cli.Tracing;

/// <summary>Traces the prompts of a session.</summary>
sealed class TraceBatch
{
    readonly Session session;
    readonly TraceSettings plan;
    readonly ImmutableArray<int> layers;
    readonly ImmutableArray<HeadAggregation> heads;
    readonly SamplingOptions sampling;
    readonly Lazy<ImmutableArray<Recording>>? recorded;

    /// <summary>Refuses layers and heads that the model does not have, before any token is generated.</summary>
    /// <param name="session">The model and the prompts.</param>
    /// <param name="plan">What is traced.</param>
    /// <param name="records">Whether the runs are recorded.</param>
    /// <exception cref="ArgumentException">One is not there.</exception>
    public TraceBatch(Session session, TraceSettings plan, bool records = false)
    {
        (this.session, layers, heads) = (session, session.Layers(plan.Layers), plan.HeadsOf(session));
        recorded = records ? new(Recorded) : null;
        sampling = plan.SamplingOf(session.Model);
        var options = plan.Options with { Interventions = session.Ablations(plan.Ablated) };
        // A model without an unembedding has no predictions to record.
        this.plan = plan with
        {
            Options = session.Model.Network.Weights.HasUnembedding ? options : options with { Predictions = 0 },
        };
        var config = session.Model.Config;
        if (plan.Options.BosTokenId >= config.VocabularySize)
            throw new ArgumentException(
                $"--bos-token-id is {plan.Options.BosTokenId}, expected 0 to {config.VocabularySize - 1}, the model's "
                + "vocabulary.");
        if (!plan.Options.StopAtBos && (plan.Options.BosTokenId ?? session.Model.Tokenizer.BosTokenId) is null)
            throw new ArgumentException(
                "--stop-at-bos false means nothing without --bos-token-id: the tokenizer of this model puts no BOS "
                + "token before texts, so no path ends at one; leave --stop-at-bos out.");
        Prompts = [.. session.Prompts.Select(Continued)];
    }

    /// <summary>Gets the prompts with their continuations and targets.</summary>
    public ImmutableArray<TracePrompt> Prompts { get; }

    /// <summary>Gets the names of the files of the traces.</summary>
    public TraceNames Names => new(
        Prompts.Length > 1, Prompts.Any(prompt => prompt.Positions!.Value.Length > 1), layers.Length > 1,
        heads.Length > 1);

    /// <summary>Gets the places of all traces: prompt, position, layer and heads.</summary>
    public IEnumerable<TracePlace> Places =>
        from prompt in Prompts.Index()
        from position in prompt.Item.Positions!.Value
        from layer in layers
        from head in heads
        select new TracePlace(prompt.Index, position.Value, layer, head);

    /// <summary>Traces each prompt: its positions, then layers, then heads.</summary>
    public ImmutableArray<ImmutableArray<TraceResult>> Trace()
    {
        using var progress = new ProgressLine(session.Terminal);
        var tracer = new ReverseAttentionTracer(session.Model) { Progress = progress };
        ImmutableArray<ImmutableArray<TraceResult>> traces = session.Prompts[0].Recording is null
            ? [.. tracer.TraceAll(Prompts, Axes, plan.Options, session.Cancellation)]
            : [.. session.Prompts.Select(OfRecording)];
        progress.Dispose();
        return plan.Explains ? Explained(traces) : traces;

        ImmutableArray<TraceResult> OfRecording(Prompt prompt, int number)
        {
            var axes = Axes with { Positions = Prompts[number].Positions };
            var traces = tracer.TraceRecording(prompt.Recording!, axes, plan.Options, session.Cancellation);
            return [.. traces.Select(trace => trace with { Prompt = number })];
        }
    }

    // Prompts run again: together where the runs are recorded, else one by one.
    ImmutableArray<ImmutableArray<TraceResult>> Explained(ImmutableArray<ImmutableArray<TraceResult>> traces)
    {
        using var progress = new ProgressLine(session.Terminal);
        return [.. traces.Select(Explain)];

        ImmutableArray<TraceResult> Explain(ImmutableArray<TraceResult> found, int number)
        {
            var explainer = new TraceExplainer(session.Model.Network)
            {
                Progress = new PartProgress(progress, number, 1, traces.Length),
            };
            return (session.Prompts[number].Recording ?? recorded?.Value[number]) is { } run
                ? explainer.Explain(run, found, session.Cancellation)
                : explainer.Explain(found, plan.Options.Interventions, session.Cancellation);
        }
    }

    /// <summary>Returns the runs of the prompts with the activations that a trace reads.</summary>
    public IReadOnlyList<(string Suffix, Recording Run)> Record() => RecordingFiles.Numbered(recorded!.Value);

    ImmutableArray<Recording> Recorded()
    {
        List<RecordedPrompt> prompts =
        [
            .. Prompts.Select(prompt => new RecordedPrompt(prompt.Ids)
            {
                PromptLength = prompt.PromptLength,
                AttentionMask = prompt.AttentionMask,
                Captures = [.. Captures(prompt)],
            }),
        ];
        var options = new RecordingOptions { Interventions = plan.Options.Interventions };
        var runs = new Recorder(session.Model.Network).RecordAll(prompts, [], options, session.Cancellation);
        return [.. runs.Zip(Prompts, (run, prompt) => run.AskedAt(prompt.Positions!.Value.AsSpan()))];
    }

    // Queries and keys serve both.
    IEnumerable<Capture> Captures(TracePrompt prompt)
    {
        var traced = RecordedTrace.Captures(Axes with { Positions = prompt.Positions }, plan.Options);
        return Session.WithOwnValues(
            plan.Explains
                ?
                [
                    .. TraceExplainer.Captures(layers)
                        .ExceptBy(traced.Select(one => one.Activation), one => one.Activation),
                    .. traced,
                ]
                : [.. traced],
            [.. plan.Options.Interventions]);
    }

    TraceAxes Axes => new() { Layers = [.. layers.Select(layer => (Index)layer)], Heads = heads };

    TracePrompt Continued(Prompt prompt)
    {
        var ids = session.Encode(prompt);
        // Positions of the prompt alone are checked before anything is generated.
        if (plan.Generate == 0)
            session.Positions(prompt, plan.Position, ids.Length, allowsPadding: !plan.Explains);
        // The text is written by the model that is traced.
        var changes = plan.Options.Interventions;
        using var probe = changes.IsEmpty ? null : new InterventionProbe(session.Model.Network, changes.AsSpan());
        var generator = new TextGenerator(session.Model) { Probe = probe };
        ImmutableArray<int> written =
        [
            .. generator.Generate(
                ids.AsSpan(), plan.Generate, sampling, prompt.AttentionMask, session.Cancellation),
        ];
        var all = ids.AddRange(written);
        var positions = plan.TraceToken is { } token
            ? [ids.Length + Written(token, written.Length)]
            : session.Positions(prompt, plan.Position, all.Length, allowsPadding: !plan.Explains);
        return new(all)
        {
            PromptLength = ids.Length,
            AttentionMask = prompt.AttentionMask is { } given
                ? [.. given, .. Enumerable.Repeat(1, written.Length)]
                : null,
            Positions = [.. positions.Select(position => (Index)position)],
        };
    }

    static int Written(int token, int count)
    {
        if (count == 0)
            throw new ArgumentException("--trace-token has nothing to trace: the model ended the text at once.");
        return token >= -count && token < count
            ? token < 0 ? token + count : token
            : throw new ArgumentException(
                $"--trace-token is {token}, expected {-count} to {count - 1}: {count} "
                + $"token{(count == 1 ? " was" : "s were")} generated.");
    }
}

/// <summary>The place of a trace in a run.</summary>
/// <param name="Prompt">The prompt, from 0.</param>
/// <param name="Position">The target.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Heads">The heads.</param>
readonly record struct TracePlace(int Prompt, int Position, int Layer, HeadAggregation Heads)
{
    /// <summary>Returns the place of a trace.</summary>
    public static TracePlace Of(TraceResult trace) =>
        new(trace.Prompt, trace.TargetPosition, trace.Layer, trace.Options.Heads);
}

/// <summary>Names the traces of a run by the axes along which there are several.</summary>
/// <param name="Prompts">Whether there are several prompts.</param>
/// <param name="Positions">Whether a prompt has several targets.</param>
/// <param name="Layers">Whether there are several layers.</param>
/// <param name="Heads">Whether there are several heads.</param>
readonly record struct TraceNames(bool Prompts, bool Positions, bool Layers, bool Heads)
{
    /// <summary>Gets whether there is more than one trace.</summary>
    public bool AreSeveral => Prompts || Positions || Layers || Heads;

    /// <summary>Returns the name of the file of a trace, such as <c>trace-prompt2-P5-L3H1.json</c>.</summary>
    /// <param name="place">The place of the trace.</param>
    /// <param name="stem">The start of the name.</param>
    public string FileOf(TracePlace place, string stem = "trace")
    {
        var name = new StringBuilder(stem);
        if (Prompts)
            name.Append(CultureInfo.InvariantCulture, $"-prompt{place.Prompt + 1}");
        if (Positions)
            name.Append(CultureInfo.InvariantCulture, $"-P{place.Position}");
        if (Layers || Heads)
            name.Append(CultureInfo.InvariantCulture, $"-L{place.Layer}");
        if (Heads)
            name.Append(CultureInfo.InvariantCulture, $"H{place.Heads}");
        return name.Append(".json").ToString();
    }

    /// <summary>Returns the heading of a trace in a report; empty if there is one only.</summary>
    public string TitleOf(TracePlace place)
    {
        var parts = new List<string>();
        if (Positions)
            parts.Add($"position {place.Position}");
        if (Layers)
            parts.Add($"layer {place.Layer}");
        if (Heads)
            parts.Add($"head {place.Heads}");
        var title = string.Join(", ", parts);
        return title.Length == 0 ? "" : char.ToUpperInvariant(title[0]) + title[1..];
    }
}
