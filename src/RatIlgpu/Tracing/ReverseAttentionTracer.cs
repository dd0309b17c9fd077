using RatIlgpu.Models;
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

    /// <summary>Traces a text.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The text is empty, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public TraceResult TraceText(string text, TraceOptions? options = null, CancellationToken cancellation = default) =>
        Trace(model.Tokenizer.Encode(text).Ids.AsSpan(), options, cancellation);

    /// <summary>Traces a sequence of tokens.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or an option is out of its range.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public TraceResult Trace(
        ReadOnlySpan<int> ids, TraceOptions? options = null, CancellationToken cancellation = default)
    {
        var config = model.Config;
        var resolved = (options ?? new()).Resolve(
            ids.Length, config.LayerCount, config.HeadCount, config.VocabularySize);
        return Search(ids, [resolved], cancellation)[0];
    }

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
        TraceLayers(model.Tokenizer.Encode(text).Ids.AsSpan(), layers, options, cancellation);

    /// <summary>Traces a sequence of tokens at several layers, with one run of the model.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="layers">The layers, at least one; <c>^1</c> is the last one. They come back ascending,
    /// each once.</param>
    /// <param name="options">The options; null for the defaults. Their layer is ignored.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>For each layer what <see cref="Trace"/> returns for it.</returns>
    /// <remarks>The queries and keys of one layer are held at a time, so many layers take no more memory than
    /// one.</remarks>
    /// <exception cref="ArgumentException">The prompt is empty, there is no layer, or an option is out of its
    /// range.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public ImmutableArray<TraceResult> TraceLayers(
        ReadOnlySpan<int> ids,
        IEnumerable<Index> layers,
        TraceOptions? options = null,
        CancellationToken cancellation = default)
    {
        var (config, length) = (model.Config, ids.Length);
        options ??= new();
        ImmutableArray<TraceOptions> resolved =
        [
            .. layers.Select(layer => (options with { Layer = layer })
                    .Resolve(length, config.LayerCount, config.HeadCount, config.VocabularySize))
                .DistinctBy(one => one.Layer).OrderBy(one => one.Layer.Value),
        ];
        if (resolved.IsEmpty)
            throw new ArgumentException("There is no layer to trace: at least one is needed.");
        return Search(ids, resolved, cancellation);
    }

    ImmutableArray<TraceResult> Search(
        ReadOnlySpan<int> ids, ImmutableArray<TraceOptions> resolved, CancellationToken cancellation)
    {
        var found = PathSearch.Run(model.Network, ids, resolved, Progress, cancellation);
        ImmutableArray<TokenText> tokens = [.. ids.ToArray().Select(model.Tokenizer.Token)];
        var notices = Notices(resolved[0], model.Config, ids);
        return [.. resolved.Zip(found, (one, search) => Result(one, search, tokens, notices))];
    }

    TraceResult Result(
        TraceOptions resolved, PathSearch found, ImmutableArray<TokenText> tokens, ImmutableArray<string> notices)
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
            PathTexts = [.. found.Paths.Select(path => PathText.Format(path, tokens))],
            SelfAttention = found.SelfAttention,
            TargetAttention = found.TargetAttention,
            Notices = notices,
            Predictions = Predictions(found.Logits, resolved.Predictions),
            Interventions = [.. resolved.Interventions.Select(intervention => intervention.ToString())],
        };
    }

    // Rows of the embedding without a token have a probability, but are not shown.
    ImmutableArray<PredictedToken> Predictions(ImmutableArray<float> logits, int count)
    {
        if (logits.IsEmpty)
            return [];
        var total = Logits.LogSumExp(logits.AsSpan());
        if (!double.IsFinite(total))
            throw new ArithmeticException("The logits are not numbers: the weights are damaged or overflow.");
        return
        [
            .. Logits.Largest(logits.AsSpan(), count, model.Tokenizer.Has).Select(id =>
                new PredictedToken(model.Tokenizer.Token(id), Math.Exp(logits[id] - total), logits[id])),
        ];
    }

    static ImmutableArray<string> Notices(TraceOptions options, Qwen2Config config, ReadOnlySpan<int> ids)
    {
        var notices = ImmutableArray.CreateBuilder<string>();
        if (options is { StopAtBos: true, BosTokenId: { } bos } && !ids.Contains(bos))
            notices.Add($"The prompt has no BOS token {bos}: no path ends at one.");
        if (options.AttentionMask is { } mask && mask[options.TargetPosition] == 0)
            notices.Add($"The target, position {options.TargetPosition}, is masked as padding.");
        if (options.TargetPosition.Value >= config.MaxPositions)
            notices.Add(
                $"The target is at position {options.TargetPosition}, beyond the {config.MaxPositions} positions "
                + "the model was made for: attention there may mean little.");
        return notices.ToImmutable();
    }
}
