using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>A run of one prompt for some of the traces of a plan. The attention of each layer is searched as soon as it
/// is complete, while the run waits, so that one layer's queries and keys are held at a time.</summary>
sealed class TraceRun : IProbe, IDisposable
{
    readonly Qwen2Model model;
    readonly int index;
    readonly TracePlan plan;
    readonly ImmutableArray<int> positions;
    readonly HashSet<Site> taken = [];
    readonly ImmutableHashSet<int> ends;
    readonly InterventionProbe? changes;
    readonly CancellationToken cancellation;
    readonly Dictionary<(int Position, int Layer, HeadAggregation Heads), PathSearch> searches = [];
    readonly LogitReader read;
    readonly LinkWeighting? weighting;
    LayerAttention? current;
    LinkWeights? ofPattern;
    int logitsRead;

    // Makes a run for the traces at some positions, ascending, of a plan, which has an index among all plans.
    TraceRun(
        Qwen2Model model,
        int index,
        TracePlan plan,
        ImmutableArray<int> positions,
        LogitReader read,
        LinkWeighting? weighting,
        CancellationToken cancellation)
    {
        (this.index, this.read, this.weighting) = (index, read, weighting);
        (this.model, this.plan, this.positions, this.cancellation) = (model, plan, positions, cancellation);
        foreach (var layer in plan.Layers)
            taken.UnionWith(plan.AttentionSites(layer));
        var interventions = plan.Options.Interventions;
        if (!interventions.IsEmpty)
            changes = new(model, interventions.AsSpan()) { LengthIsChecked = true };
        ends = PathSearch.EndsOf(plan.Ids.AsSpan(), plan.Options);
    }

    /// <summary>Runs a model for one trace, and ignores its logits.</summary>
    /// <exception cref="ArgumentException">The prompt is empty, or an option does not fit.</exception>
    public static PathSearch Of(
        Qwen2Model model, ReadOnlySpan<int> ids, TraceOptions options, CancellationToken cancellation)
    {
        var plan = TracePlan.Make(model, ids, new(), options);
        return OfAll(model, [plan], (_, _, _, _) => { }, null, cancellation)[0][0];
    }

    /// <summary>Runs a model over the prompts of some plans, which have the same layers and options but for the mask,
    /// and returns the searches of each plan in the order of its traces.</summary>
    public static ImmutableArray<ImmutableArray<PathSearch>> OfAll(
        Qwen2Model model,
        IReadOnlyList<TracePlan> plans,
        LogitReader read,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        var weights = plans[0].Options.Weights;
        var weighting = weights == AttentionWeights.Standard ? null : new LinkWeighting(model, weights);
        TraceRun[][] runs =
        [
            .. plans.Select((plan, index) => plan.Runs().Select(
                positions => new TraceRun(model, index, plan, positions, read, weighting, cancellation)).ToArray()),
        ];
        try
        {
            var options = new ForwardOptions
            {
                ProbeTakesBlocks = !plans[0].ChangesInsideAttention,
                ProbeTakesLogitBlocks = true,
                StopAfter = plans[0].StopAfter,
                Progress = progress,
                Cancellation = cancellation,
            };
            model.RunAll([.. runs.SelectMany(some => some).Select(run => run.Prompt)], options);
            return [.. plans.Zip(runs, (plan, own) => Found(plan, own))];
        }
        finally
        {
            foreach (var run in runs.SelectMany(some => some))
                run.Dispose();
        }

        static ImmutableArray<PathSearch> Found(TracePlan plan, TraceRun[] runs)
        {
            // As many runs as positions where the end of a run matters.
            var runOf = new Dictionary<int, TraceRun>();
            foreach (var run in runs)
                foreach (var position in run.positions)
                    runOf.Add(position, run);
            return
            [
                .. plan.Traces.Select(trace => runOf[trace.TargetPosition.Value]
                    .searches[(trace.TargetPosition.Value, trace.Layer.Value, trace.Heads)]),
            ];
        }
    }

    int Length => plan.EndOf(positions);

    ImmutableArray<int>? Mask => plan.Options.AttentionMask?[..Length];

    /// <summary>Gets the prompt up to the end of the run.</summary>
    BatchPrompt Prompt => new(plan.Ids[..Length])
    {
        Probe = this,
        AttentionMask = Mask,
        LogitPositions = plan.Options.Predictions > 0 ? positions : [],
    };

    public bool Wants(Site site) => taken.Contains(site) || (changes?.Wants(site) ?? false)
        || (site == Site.Logits && plan.Options.Predictions > 0);

    public void Begin(int firstPosition, int positionCount) => changes?.Begin(firstPosition, positionCount);

    public void BeginBranches(int branches) => changes?.BeginBranches(branches);

    public void BeginLogits(ImmutableArray<int> asked) => changes?.BeginLogits(asked);

    public void Show(Site site, Tensor activation, Device device)
    {
        if (changes?.Wants(site) ?? false)
            changes.Show(site, activation, device);
        if (site == Site.Logits)
            Read(activation, device);
        else if (taken.Contains(site) && plan.AttentionSites(site.Layer)[^1].Activation == Activation.Pattern)
            TakePattern(site, activation, device);
        else if (taken.Contains(site))
            Take(site, activation);
    }

    public void Dispose()
    {
        current?.Dispose();
        changes?.Dispose();
    }

    void Take(Site site, Tensor activation)
    {
        current ??= new LayerAttention(
            model, Length, plan.AttentionSites(site.Layer), plan.Heads[0], Mask, weighting);
        if (!current.Take(site.Activation, activation, cancellation))
            return;
        Search(site.Layer, current.With);
        current.Dispose();
        current = null;
    }

    // The values of a layer come before its pattern, and both come whole.
    void TakePattern(Site site, Tensor activation, Device device)
    {
        if (site.Activation != Activation.Pattern)
        {
            ofPattern = weighting!.Of(site, device.Download(activation), Mask, cancellation);
            return;
        }

        using var factors = ofPattern?.Factors is not null
            ? device.Allocate(activation.Shape[0], activation.Shape[2])
            : null;
        if (factors is not null)
            device.Upload(ofPattern!.Factors, factors);
        Search(site.Layer, heads => new ShownPattern(activation, heads, device, ofPattern, factors));
        ofPattern = null;
    }

    void Search(int layer, Func<HeadAggregation, IAttentionRows> rowsOf)
    {
        foreach (var heads in plan.Heads)
        {
            var rows = new RememberedRows(rowsOf(heads), positions.Length);
            foreach (var position in positions)
            {
                var trace = plan.Options with { TargetPosition = position, Layer = layer, Heads = heads };
                searches.Add((position, layer, heads), PathSearch.Over(rows, ends, trace, cancellation));
            }
        }
    }

    void Read(Tensor rows, Device device)
    {
        var count = rows.Shape[0];
        read(index, positions.AsSpan(logitsRead, count), rows, device);
        logitsRead += count;
    }
}

/// <summary>Receives the logits at some positions of a plan.</summary>
/// <param name="plan">The index of the plan.</param>
/// <param name="positions">The positions.</param>
/// <param name="logits"><c>[positions, vocabulary]</c>, valid during the call.</param>
/// <param name="device">The device of the logits.</param>
delegate void LogitReader(int plan, ReadOnlySpan<int> positions, Tensor logits, Device device);
