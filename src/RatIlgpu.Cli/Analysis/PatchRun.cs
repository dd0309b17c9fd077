namespace RatIlgpu.Cli.Analysis;

/// <summary>Runs the patches that a plan asks for.</summary>
sealed class PatchRun
{
    readonly Session session;
    readonly PatchPlan plan;
    readonly ValueArray<Index>? layers;
    readonly ValueArray<int>? heads;

    /// <summary>Refuses layers, heads and sources that the model does not have.</summary>
    /// <exception cref="ArgumentException">One is not there.</exception>
    public PatchRun(Session session, PatchPlan plan)
    {
        (this.session, this.plan) = (session, plan);
        layers = plan.Layers is { } some ? [.. session.Layers(some).Select(layer => (Index)layer)] : null;
        heads = plan.Heads is { } chosen
            ? [.. chosen.Resolve(HeadCount, "--heads", $"layers of {HeadCount} heads that are patched")]
            : null;
    }

    PatchTarget Target => new(plan.Activation!.Value, plan.Axes, plan.Scope);

    // Keys and values of a group are fewer than query heads.
    int HeadCount
    {
        get
        {
            var config = session.Model.Config;
            var isKeyOrValue = plan.Sources is null
                ? plan.Activation is Activation.Key or Activation.Value
                : plan.Input != HeadInput.Query;
            return isKeyOrValue && plan.Scope == KeyValueScope.KeyValueGroup
                ? config.KeyValueHeadCount
                : config.HeadCount;
        }
    }

    /// <summary>Returns a pair with its two runs recorded.</summary>
    public PatchInput Recorded(PatchInput input)
    {
        var (pair, recorder) = (input.Case.Pair, new Recorder(session.Model.Network));
        var options = new RecordingOptions { AttentionMask = pair.AttentionMask };
        var captures = plan.Sources is null
            ? ActivationPatching.Captures(Target, input.Case.Metric, layers)
            : new DirectPathPatching(session.Model.Network)
                .Captures(input.Case.Metric, Sources, PathOptions(input));
        Recording Run(ValueArray<int> ids) => recorder.Record(ids.AsSpan(), captures, options, session.Cancellation);
        return input with
        {
            Case = input.Case with { Pair = PromptPair.Of(Run(pair.Clean), Run(pair.Corrupted)) },
        };
    }

    /// <summary>Runs the patches.</summary>
    public PatchFindings Run(ImmutableArray<PatchInput> inputs)
    {
        ImmutableArray<PatchCase> cases = [.. inputs.Select(input => input.Case)];
        using var progress = new ProgressLine(session.Terminal, "patches");
        return plan.Sources is not null
            ? PatchFindings.Of(Paths(cases, inputs[0], progress), session.Model)
            : PatchFindings.Of(Activations(cases, inputs[0], progress), session.Model);
    }

    // None named: all.
    ValueArray<HeadIndex>? Sources => plan.Sources is { IsEmpty: false } some ? [.. some] : null;

    DirectPathOptions PathOptions(PatchInput first) => new()
    {
        Scope = plan.Scope,
        Norm = plan.Norm,
        Axes = plan.Axes,
        Positions = Places(first),
        DestinationLayers = layers,
        DestinationHeads = heads,
    };

    ImmutableArray<PatchBatch<PathTarget>> Paths(
        ImmutableArray<PatchCase> cases, PatchInput first, ProgressLine progress) =>
        new DirectPathPatching(session.Model.Network) { Progress = progress }.SweepPairs(
            cases, Sources, plan.Input, PathOptions(first), session.Cancellation);

    PatchBatch<PatchTarget> Activations(ImmutableArray<PatchCase> cases, PatchInput first, ProgressLine progress)
    {
        var options = new ActivationPatchingOptions { Layers = layers, Heads = heads, Positions = Places(first) };
        return new ActivationPatching(session.Model.Network) { Progress = progress }
            .SweepPairs(cases, Target, options, session.Cancellation);
    }

    // Kept as they were asked for where prompts differ in length: an index from the end is another place in each.
    ValueArray<Index>? Places(PatchInput first) => plan.PatchPosition is { } chosen
        ? [.. chosen.Resolve(
            first.Case.Pair.Length, "--patch-position", $"a prompt of {first.Case.Pair.Length} tokens")
            .Select(position => (Index)position)]
        : null;
}
