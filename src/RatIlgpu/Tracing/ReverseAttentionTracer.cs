using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu;

/// <summary>Traces attention backward from a token: which tokens it attends to, which those attend to, and so
/// on.</summary>
/// <param name="model">The model.</param>
/// <remarks>The beam search of the Python package Reverse Attention Tracer.</remarks>
public sealed class ReverseAttentionTracer(LanguageModel model)
{
    /// <summary>Gets the receiver of the share of the layers run, in [0, 1]. Default: none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Gets the model.</summary>
    public LanguageModel Model => model;

    /// <summary>Traces a text.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The text is empty, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public TraceResult TraceText(string text, TraceOptions? options = null, CancellationToken cancellation = default) =>
        Trace(model.EncodePrompt(text).AsSpan(), options, cancellation);

    /// <summary>Traces a sequence of tokens.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public TraceResult Trace(
        ReadOnlySpan<int> ids, TraceOptions? options = null, CancellationToken cancellation = default) =>
        TraceEach(ids, new(), options, cancellation)[0];

    /// <summary>Traces a text at several layers.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="layers">The layers, at least one; <c>^1</c> is the last one.</param>
    /// <param name="options">The options; null for the defaults. Their layer is ignored.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>For each layer what <see cref="TraceText"/> returns for it; ascending, each once.</returns>
    /// <exception cref="ArgumentException">The text is empty, there is no layer, or an option is out of its
    /// range.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public ImmutableArray<TraceResult> TraceTextLayers(
        string text,
        IEnumerable<Index> layers,
        TraceOptions? options = null,
        CancellationToken cancellation = default) =>
        TraceLayers(model.EncodePrompt(text).AsSpan(), layers, options, cancellation);

    /// <summary>Traces a sequence of tokens at several layers, with one run of the model.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="layers">The layers, at least one; <c>^1</c> is the last one. They come back ascending,
    /// each once.</param>
    /// <param name="options">The options; null for the defaults. Their layer is ignored.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>For each layer what <see cref="Trace"/> returns for it.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, there is no layer, or an option is out of its
    /// range.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public ImmutableArray<TraceResult> TraceLayers(
        ReadOnlySpan<int> ids,
        IEnumerable<Index> layers,
        TraceOptions? options = null,
        CancellationToken cancellation = default) =>
        TraceEach(ids, new() { Layers = [.. layers] }, options, cancellation);

    /// <summary>Traces a sequence of tokens at several positions and layers and for several choices of heads, with one
    /// run of the model.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="axes">The positions, layers and choices of heads.</param>
    /// <param name="options">The options; null for the defaults. Position, layer and heads in them are ignored where
    /// the axes have some.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>For each combination what <see cref="Trace"/> returns for it, each once: by position, then layer, both
    /// ascending, then heads in the given order.</returns>
    /// <remarks>
    /// <para>The queries and keys of one layer and the logits of 64 positions are held at a time. The result of each
    /// trace has 8 bytes of <see cref="TraceResult.TargetAttention"/> for each position up to its own.</para>
    /// <para>A position that is padding has a run of its own. If an intervention is at a pattern or at the keys or
    /// values of single query heads, every position has a run of its own, in which layers that are traced or changed
    /// run whole and not in blocks of positions.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The prompt is empty, an axis has no entry, or an option or intervention does
    /// not fit.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public ImmutableArray<TraceResult> TraceEach(
        ReadOnlySpan<int> ids,
        TraceAxes axes,
        TraceOptions? options = null,
        CancellationToken cancellation = default)
    {
        var plan = TracePlan.Make(model.Network, ids, axes, WithBos(options));
        return Run([plan], Progress, cancellation)[0];
    }

    /// <summary>Traces several prompts. Prompts of few tokens run together, which is faster than one after the other
    /// and gives the same results; on devices in host memory, the same bits.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="axes">The positions, layers and choices of heads of each prompt; null for those of the
    /// options.</param>
    /// <param name="options">The options; null for the defaults. They have no mask: each prompt has its own.</param>
    /// <param name="cancellation">Stops the runs.</param>
    /// <returns>For each prompt, in order, what <see cref="TraceEach"/> returns for it, with
    /// <see cref="TraceResult.Prompt"/> and <see cref="TraceResult.PromptLength"/>. The model runs while the sequence
    /// is enumerated, batch after batch, so that memory does not grow with the number of prompts.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, an axis has no entry, or an option, a mask or an
    /// intervention does not fit; thrown at once, before anything runs.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public IEnumerable<ImmutableArray<TraceResult>> TraceAll(
        IReadOnlyList<TracePrompt> prompts,
        TraceAxes? axes = null,
        TraceOptions? options = null,
        CancellationToken cancellation = default)
    {
        options = WithBos(options);
        if (options.AttentionMask is not null)
            throw new ArgumentException("The options of several prompts have a mask: each prompt has its own.");
        ImmutableArray<TracePlan> plans = [.. prompts.Select(Plan)];
        return Walk();

        TracePlan Plan(TracePrompt prompt)
        {
            if (prompt.PromptLength is { } length && (length < 1 || length > prompt.Ids.Length))
                throw new ArgumentOutOfRangeException(
                    nameof(prompts), $"PromptLength is {length}, expected 1 to {prompt.Ids.Length}, the tokens.");
            return TracePlan.Make(
                model.Network, prompt.Ids, (axes ?? new()) with { Positions = prompt.Positions ?? axes?.Positions },
                options with { AttentionMask = prompt.AttentionMask });
        }

        IEnumerable<ImmutableArray<TraceResult>> Walk()
        {
            var progress = new BatchProgress(Progress, plans.Sum(plan => (long)plan.RunLength));
            foreach (var group in PromptGroups.Of([.. plans.Select(plan => plan.RunLength)]))
            {
                var some = plans[group];
                var listener = progress.Next(some.Sum(plan => (long)plan.RunLength));
                foreach (var (place, results) in Run(some, listener, cancellation).Index())
                {
                    var index = group.Start.Value + place;
                    var length = prompts[index].PromptLength ?? prompts[index].Ids.Length;
                    yield return [.. results.Select(one => one with { Prompt = index, PromptLength = length })];
                }
            }
        }
    }

    /// <summary>Traces attention that is at hand, such as that of a recorded run; the model does not run.</summary>
    /// <param name="ids">The tokens, at least one.</param>
    /// <param name="rowsOf">Returns the rows of a layer for a choice of heads, for all tokens.</param>
    /// <param name="logitsOf">Returns the logits at a position, <c>[vocabulary]</c>; empty if they are not at
    /// hand.</param>
    /// <param name="axes">The positions, layers and choices of heads; null for those of the options.</param>
    /// <param name="options">The options; null for the defaults. They have no interventions.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <returns>The traces in the order of <see cref="TraceEach"/>; one whose logits are not at hand has no
    /// predictions.</returns>
    /// <exception cref="ArgumentException">There is no token, an axis has no entry, or an option does not
    /// fit.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public ImmutableArray<TraceResult> TraceAttention(
        ReadOnlySpan<int> ids,
        Func<int, HeadAggregation, IAttentionRows> rowsOf,
        Func<int, ReadOnlyMemory<float>> logitsOf,
        TraceAxes? axes = null,
        TraceOptions? options = null,
        CancellationToken cancellation = default)
    {
        options = WithBos(options);
        if (!options.Interventions.IsEmpty)
            throw new ArgumentException("The options have interventions, but no model runs in which they could act.");
        var plan = TracePlan.Make(model.Network, ids, axes ?? new(), options);
        var ends = PathSearch.EndsOf(ids, plan.Options);
        var rows = new Dictionary<(int, HeadAggregation), RememberedRows>();
        foreach (var trace in plan.Traces)
            rows.TryAdd(
                (trace.Layer.Value, trace.Heads),
                new(rowsOf(trace.Layer.Value, trace.Heads), plan.Positions.Length));
        ImmutableArray<PathSearch> searches =
        [
            .. plan.Traces.Select(trace => PathSearch.Over(
                rows[(trace.Layer.Value, trace.Heads)], ends, trace, cancellation)),
        ];
        var predictions = options.Predictions == 0
            ? []
            : plan.Positions.Select(position => (position, Logits: logitsOf(position)))
                .Where(one => !one.Logits.IsEmpty)
                .ToDictionary(one => one.position, one => Predict(one.Logits.Span, options.Predictions));
        return Results(plan, searches, predictions);
    }

    ImmutableArray<ImmutableArray<TraceResult>> Run(
        IReadOnlyList<TracePlan> plans, IProgress<double>? progress, CancellationToken cancellation)
    {
        Dictionary<int, ImmutableArray<PredictedToken>>[] predictions =
            [.. plans.Select(_ => new Dictionary<int, ImmutableArray<PredictedToken>>())];
        var found = TraceRun.OfAll(
            model.Network, plans,
            (plan, positions, logits, device) =>
                Predict(positions, logits, device, plans[plan].Options.Predictions, predictions[plan]),
            progress, cancellation);
        return [.. plans.Zip(found, predictions).Select(one => Results(one.First, one.Second, one.Third))];
    }

    ImmutableArray<TraceResult> Results(
        TracePlan plan,
        ImmutableArray<PathSearch> searches,
        Dictionary<int, ImmutableArray<PredictedToken>> predictions)
    {
        ImmutableArray<TokenText> tokens = [.. plan.Ids.Select(model.Tokenizer.Token)];
        return
        [
            .. plan.Traces.Zip(searches, (trace, search) => Result(
                trace, search, tokens, plan.Ids.AsSpan(),
                predictions.GetValueOrDefault(trace.TargetPosition.Value, []))),
        ];
    }

    TraceResult Result(
        TraceOptions resolved,
        PathSearch found,
        ImmutableArray<TokenText> tokens,
        ReadOnlySpan<int> ids,
        ImmutableArray<PredictedToken> predictions)
    {
        var config = model.Config;
        var weights = PathWeights.Softmax([.. found.Paths.Select(path => path.Score)]);
        return new TraceResult
        {
            Options = resolved with { Interventions = [] },
            Model = new TracedModel(model.Name, config.LayerCount, config.HeadCount),
            Tokens = tokens,
            Paths = found.Paths,
            PathWeights = weights,
            Sankey = SankeyGraph.Build(found.Paths, weights, resolved.Layer.Value, tokens),
            PathTexts = [.. found.Paths.Select(path => PathText.Format(path, tokens, resolved.Weights))],
            SelfAttention = found.SelfAttention,
            TargetAttention = found.TargetAttention,
            Notices = [.. model.Notices, .. TraceNotices.Of(model, resolved, ids)],
            Predictions = predictions,
            Interventions = [.. resolved.Interventions.Select(intervention => intervention.ToString())],
        };
    }

    void Predict(
        ReadOnlySpan<int> positions,
        Tensor logits,
        Device device,
        int most,
        Dictionary<int, ImmutableArray<PredictedToken>> predictions)
    {
        var (rows, count) = (positions.Length, Math.Min(most, model.Config.VocabularySize));
        var (ids, largest, totals) = (new int[rows * count], new float[rows * count], new double[rows]);
        device.Top(logits, model.TokenMask, count, ids, largest, totals);
        for (var row = 0; row < rows; row++)
            predictions.Add(
                positions[row],
                Predict(ids.AsSpan(row * count, count), largest.AsSpan(row * count, count), totals[row]));
    }

    ImmutableArray<PredictedToken> Predict(ReadOnlySpan<float> logits, int count)
    {
        var ids = Logits.Largest(logits, count, model.Tokenizer.Has);
        var largest = new float[ids.Length];
        for (var rank = 0; rank < ids.Length; rank++)
            largest[rank] = logits[ids[rank]];
        return Predict(ids.AsSpan(), largest, Logits.LogSumExp(logits));
    }

    // Rows of the embedding without a token have a probability, but are not shown.
    ImmutableArray<PredictedToken> Predict(ReadOnlySpan<int> ids, ReadOnlySpan<float> logits, double total)
    {
        if (!double.IsFinite(total))
            throw new ArithmeticException("The logits are not numbers: the weights are damaged or overflow.");
        var predictions = ImmutableArray.CreateBuilder<PredictedToken>();
        for (var rank = 0; rank < ids.Length && logits[rank] > float.NegativeInfinity; rank++)
            predictions.Add(new(model.Tokenizer.Token(ids[rank]), Math.Exp(logits[rank] - total), logits[rank]));
        return predictions.ToImmutable();
    }

    // Paths end at the token that the tokenizer puts first, unless another is asked for.
    TraceOptions WithBos(TraceOptions? options)
    {
        options ??= new();
        return options.BosTokenId is null && model.Tokenizer.BosTokenId < model.Config.VocabularySize
            ? options with { BosTokenId = model.Tokenizer.BosTokenId }
            : options;
    }
}
