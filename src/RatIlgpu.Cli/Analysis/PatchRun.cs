namespace RatIlgpu.Cli.Analysis;

/// <summary>Runs the patches that a plan asks for.</summary>
sealed class PatchRun
{
    readonly Session session;
    readonly PatchPlan plan;
    readonly PatchKeeping keeping;
    readonly ValueArray<Index>? layers;
    readonly ValueArray<int>? heads;
    // Null: all.
    readonly ValueArray<HeadIndex>? sources;

    /// <summary>Refuses layers, heads and sources that the model does not have.</summary>
    /// <exception cref="ArgumentException">One is not there.</exception>
    /// <exception cref="InvalidDataException">The file of an earlier run is damaged, or has something
    /// else.</exception>
    public PatchRun(Session session, PatchPlan plan)
    {
        (this.session, this.plan, keeping) = (session, plan, new(plan.Partial, session.Terminal));
        sources = plan.Sources is { IsEmpty: false } named ? [.. session.Named(named, "--source")] : null;
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
                .Captures(input.Case.Metric, sources, PathOptions(input.Case));
        Recording Run(ValueArray<int> ids) => recorder.Record(ids.AsSpan(), captures, options, session.Cancellation);
        return input with
        {
            Case = input.Case with { Pair = PromptPair.Of(Run(pair.Clean), Run(pair.Corrupted)) },
        };
    }

    /// <summary>Runs the patches.</summary>
    /// <exception cref="InvalidDataException">The file of an earlier run has the patches of another
    /// sweep.</exception>
    public PatchFindings Run(ImmutableArray<PatchInput> inputs)
    {
        ImmutableArray<PatchCase> cases = [.. inputs.Select(input => input.Case)];
        return plan.Sources is not null
            ? PatchFindings.Of(
                keeping.Run((kept, progress) => Paths(cases, kept, progress), session.Cancellation), session.Model)
            : PatchFindings.Of(
                keeping.Run((kept, progress) => Activations(cases, kept, progress), session.Cancellation),
                session.Model);
    }

    /// <summary>Throws if the patches that were to be kept could not be written.</summary>
    /// <exception cref="IOException">They could not.</exception>
    /// <exception cref="UnauthorizedAccessException">They could not.</exception>
    public void EndKeeping() => keeping.End();

    DirectPathOptions PathOptions(params ReadOnlySpan<PatchCase> cases) => new()
    {
        Scope = plan.Scope,
        Norm = plan.Norm,
        Axes = plan.Axes,
        Positions = Places(cases),
        DestinationLayers = layers,
        DestinationHeads = heads,
    };

    ImmutableArray<PatchBatch<PathTarget>> Paths(
        ImmutableArray<PatchCase> cases, PartialPatches? kept, IProgress<SweepProgress> progress) =>
        new DirectPathPatching(session.Model.Network) { Progress = progress }.SweepPairs(
            cases, sources, plan.Input, PathOptions(cases.AsSpan()), kept, session.Cancellation);

    PatchBatch<PatchTarget> Activations(
        ImmutableArray<PatchCase> cases, PartialPatches? kept, IProgress<SweepProgress> progress)
    {
        var options = new ActivationPatchingOptions
        {
            Layers = layers,
            Heads = heads,
            Positions = Places(cases.AsSpan()),
        };
        return new ActivationPatching(session.Model.Network) { Progress = progress }
            .SweepPairs(cases, Target, options, kept, session.Cancellation);
    }

    // Of prompts of different lengths, a position from the end is another one in each.
    ValueArray<Index>? Places(params ReadOnlySpan<PatchCase> cases)
    {
        if (plan.PatchPosition is not { } chosen)
            return null;
        var pair = cases[0].Pair;
        foreach (var one in cases)
            if (one.Pair.Length != pair.Length)
                return chosen.Indices("--patch-position");
        var positions = chosen.Resolve(
            pair.Length, "--patch-position", $"a prompt of {CountText.Of(pair.Length, "token")}",
            position => pair.AttentionMask is { } mask && mask[position] == 0);
        return [.. positions.Select(position => (Index)position)];
    }
}
