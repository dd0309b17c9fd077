using RatIlgpu.Tracing;

namespace RatIlgpu.Analysis;

/// <summary>Explains the links of traces of single heads: which pairs of a part of the query and a part of the key make
/// the head attend along each of them.</summary>
/// <remarks>Each link is explained as <see cref="AttentionScoreAttributor"/> does with
/// <see cref="ScoreReading.Here"/>. Scores before the softmax are explained, so what the links of a trace count
/// (<see cref="TraceOptions.Weights"/>) changes nothing.</remarks>
/// <param name="model">The model.</param>
public sealed class TraceExplainer(Qwen2Model model)
{
    readonly AttentionScoreAttributor attributor = new(model);

    /// <summary>Gets the listener to the share of the layers that have run, in [0, 1]. Default: none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Returns the captures that explanations of traces need. If an intervention changes the keys of one query
    /// head alone, they need <see cref="Activation.HeadKey"/> too.</summary>
    /// <param name="layers">The traced layers, at least one.</param>
    /// <param name="positions">The ends of all links. Default: null, all positions.</param>
    /// <exception cref="ArgumentNullException">There is no list of layers.</exception>
    /// <exception cref="ArgumentException">There is no layer.</exception>
    public static ImmutableArray<Capture> Captures(
        IEnumerable<int> layers, ValueArray<Index>? positions = null)
    {
        ArgumentNullException.ThrowIfNull(layers);
        int[] traced = [.. layers.Distinct().Order()];
        if (traced.Length == 0)
            throw new ArgumentException("There is no layer: at least one is needed.", nameof(layers));
        ValueArray<Index> own = [.. traced.Select(layer => (Index)layer)];
        ValueArray<Index> earlier = [.. Enumerable.Range(0, traced[^1]).Select(layer => (Index)layer)];
        return
        [
            new(Activation.Embedding) { Positions = positions },
            .. (earlier.IsEmpty ? [] : (Activation[])[Activation.HeadOutput, Activation.MlpOutput]).Select(one =>
                new Capture(one) { Layers = earlier, Positions = positions }),
            new(Activation.ResidualBefore) { Layers = own, Positions = positions },
            new(Activation.RotatedQuery) { Layers = own, Positions = positions },
            new(Activation.RotatedKey) { Layers = own },
        ];
    }

    /// <summary>Runs the model once over the prompt of the traces, up to the last traced layer, and explains all their
    /// links.</summary>
    /// <param name="traces">The traces, of one prompt, each of a single head.</param>
    /// <param name="interventions">Those of the run that was traced.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>The traces with <see cref="TraceResult.Explanations"/>, in the given order.</returns>
    /// <exception cref="ArgumentNullException">There is no list of traces.</exception>
    /// <exception cref="ArgumentException">A trace is of several heads, or of another prompt than the first; a link
    /// starts or ends at padding; or an intervention does not fit the model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have a layer or head.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public ImmutableArray<TraceResult> Explain(
        IReadOnlyList<TraceResult> traces,
        ValueArray<Intervention> interventions = default,
        CancellationToken cancellation = default)
    {
        Check(traces);
        ValueArray<Index> ends =
        [
            .. traces.SelectMany(trace => trace.Sankey.Links).SelectMany(link => (int[])[link.Source, link.Target])
                .Distinct().Order().Select(position => (Index)position),
        ];
        // A trace of the first token has no link.
        if (ends.IsEmpty)
            return [.. traces];
        ImmutableArray<int> layers = [.. traces.Select(trace => trace.Layer).Distinct()];
        ImmutableArray<Intervention> changes =
            [.. (interventions.IsDefault ? [] : interventions).Where(one => IsBeforeScores(one, layers.Max()))];
        ImmutableArray<Index> ownKeys =
        [
            .. layers.Where(layer => changes.Any(one =>
                one.Target.ChangedSite == new Site(Activation.HeadKey, layer))).Select(layer => (Index)layer),
        ];
        ImmutableArray<Capture> captures =
        [
            .. Captures(layers, ends),
            .. ownKeys.IsEmpty ? [] : (Capture[])[new(Activation.HeadKey) { Layers = [.. ownKeys] }],
        ];
        var options = new RecordingOptions
        {
            AttentionMask = traces[0].Options.AttentionMask,
            Interventions = [.. changes],
        };
        ImmutableArray<int> ids = [.. traces[0].Tokens.Select(token => token.Id)];
        var run = new Recorder(model) { Progress = Progress }.Record(ids.AsSpan(), captures, options, cancellation);
        return Explain(run, traces, cancellation);
    }

    /// <summary>Explains the links of traces of a recorded run.</summary>
    /// <param name="run">The run, with <see cref="Captures"/>.</param>
    /// <param name="traces">The traces, of the prompt of the run, each of a single head.</param>
    /// <param name="cancellation">Stops between two links.</param>
    /// <returns>The traces with <see cref="TraceResult.Explanations"/>, in the given order.</returns>
    /// <exception cref="ArgumentNullException">There is no run or no list of traces.</exception>
    /// <exception cref="NotRecordedException">The run does not have the captures.</exception>
    /// <exception cref="ArgumentException">A trace is of several heads, or of another prompt than the run; a link
    /// starts or ends at padding; or the run is of another model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have a layer or head.</exception>
    /// <exception cref="OperationCanceledException">The explanation was cancelled.</exception>
    public ImmutableArray<TraceResult> Explain(
        Recording run, IReadOnlyList<TraceResult> traces, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        Check(traces);
        if (traces is [var first, ..])
            run.CheckPrompt([.. first.Tokens.Select(token => token.Id)], first.Options.AttentionMask, "traced prompt");
        var found = traces.Select(HeadOf).Distinct().ToDictionary(head => head, head => LinksOf(head));
        return
        [
            .. traces.Select(trace => trace with
            {
                Explanations = [.. trace.Sankey.Links.Select(link => found[HeadOf(trace)][(link.Source, link.Target)])],
            }),
        ];

        // Several targets share links.
        Dictionary<(int Source, int Target), LinkExplanation> LinksOf(HeadIndex head)
        {
            ImmutableArray<(Index, Index)> links =
            [
                .. traces.Where(trace => HeadOf(trace) == head).SelectMany(trace => trace.Sankey.Links)
                    .Select(link => ((Index)link.Target, (Index)link.Source)).Distinct(),
            ];
            var explained = new Dictionary<(int, int), LinkExplanation>();
            foreach (var one in attributor.ExplainEach(run, head, links, new()))
            {
                cancellation.ThrowIfCancellationRequested();
                explained.Add((one.Key, one.Query), Of(one));
            }

            return explained;
        }
    }

    // All pairs of a link are some hundred thousand numbers: only what is shown is kept.
    static LinkExplanation Of(ScoreAttribution found) => new()
    {
        Source = found.Key,
        Target = found.Query,
        Score = found.Score,
        Attention = found.Attention,
        PositionAlone = found.PositionAlone,
        Pairs =
        [
            .. found.Top(LinkExplanation.MostPairs)
                .Select(pair => new LinkPair(pair.Query.Label, pair.Key.Label, pair.Value)),
        ],
    };

    static HeadIndex HeadOf(TraceResult trace) => new(trace.Layer, trace.Options.Heads.Heads[0]);

    static void Check(IReadOnlyList<TraceResult> traces)
    {
        ArgumentNullException.ThrowIfNull(traces);
        foreach (var (i, trace) in traces.Index())
        {
            if (trace.Options.Heads.Heads.Length != 1)
                throw new ArgumentException(
                    $"Trace {i} is of the heads {trace.Options.Heads}, expected one head: a score belongs to one.");
            if (trace.Tokens != traces[0].Tokens || trace.Options.AttentionMask != traces[0].Options.AttentionMask)
                throw new ArgumentException(
                    $"Trace {i} is of another prompt than trace 0: the links of one prompt are explained together.");
        }
    }

    // What comes after the keys of the last traced layer changes no score of it.
    static bool IsBeforeScores(Intervention change, int layer) => change.Target.ChangedSite is var site
        && (site == new Site(Activation.HeadKey, layer) || !new Site(Activation.RotatedKey, layer).IsBefore(site));
}
