using RatIlgpu.Models;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu;

/// <summary>Traces what reaches a token through all layers: which share of it comes from each token of the prompt, and
/// on which paths from position to position, layer by layer.</summary>
/// <param name="model">The model.</param>
/// <remarks>In each layer a position is a mean of the positions before it, with shares that sum to 1
/// (<see cref="FlowMethod"/>); MLPs move nothing between positions. The product of the layers gives the shares, and a
/// path is one step in each layer.</remarks>
public sealed class FlowTracer(LanguageModel model)
{
    /// <summary>The most tokens up to the target: two squares of them are held, 512 MB.</summary>
    public const int MostTokens = 8_192;

    /// <summary>Gets the receiver of the share of the layers run, in [0, 1]. Default: none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Gets the model.</summary>
    public LanguageModel Model => model;

    /// <summary>Traces a text.</summary>
    /// <param name="text">The prompt.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The text is empty, or an option is out of its range.</exception>
    /// <exception cref="ArithmeticException">What attention brings is not a number: the weights are damaged or
    /// overflow.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public FlowResult TraceText(string text, FlowOptions? options = null, CancellationToken cancellation = default) =>
        Trace(model.EncodePrompt(text).AsSpan(), options, cancellation);

    /// <summary>Traces a sequence of tokens.</summary>
    /// <param name="ids">The prompt, at least one token; at most <see cref="MostTokens"/> up to the target.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">The prompt is empty or too long, or an option or intervention does not
    /// fit.</exception>
    /// <exception cref="ArithmeticException">What attention brings is not a number: the weights are damaged or
    /// overflow.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public FlowResult Trace(
        ReadOnlySpan<int> ids, FlowOptions? options = null, CancellationToken cancellation = default) =>
        TraceEach(ids, [(options ??= new()).TargetPosition], options, cancellation)[0];

    /// <summary>Traces a sequence of tokens from several positions, with one run of the model.</summary>
    /// <param name="ids">The prompt, at least one token; at most <see cref="MostTokens"/> up to the last of the
    /// positions.</param>
    /// <param name="positions">The positions, at least one; <c>^1</c> is the last token.</param>
    /// <param name="options">The options; null for the defaults. Their position is ignored.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>For each position what <see cref="Trace"/> returns for it; ascending, each once.</returns>
    /// <exception cref="ArgumentException">The prompt is empty or too long, there is no position, or an option or
    /// intervention does not fit.</exception>
    /// <exception cref="ArithmeticException">What attention brings is not a number: the weights are damaged or
    /// overflow.</exception>
    /// <exception cref="OperationCanceledException">The trace was cancelled.</exception>
    public ImmutableArray<FlowResult> TraceEach(
        ReadOnlySpan<int> ids,
        IEnumerable<Index> positions,
        FlowOptions? options = null,
        CancellationToken cancellation = default)
    {
        var resolved = Resolve(model.Network, ids.Length, positions, options ?? new());
        ImmutableArray<TokenText> tokens = [.. ids.ToArray().Select(model.Tokenizer.Token)];
        ImmutableArray<int> targets = [.. resolved.Select(one => one.TargetPosition.Value)];
        var found = FlowRun.Of(model.Network, ids, targets, resolved[0], Progress, cancellation);
        var results = ImmutableArray.CreateBuilder<FlowResult>();
        foreach (var (one, flow) in resolved.Zip(found))
            results.Add(Result(one, flow, tokens, ids));
        return results.ToImmutable();
    }

    /// <summary>Checks options for some positions, and returns them resolved: ascending, each position once.</summary>
    internal static ImmutableArray<FlowOptions> Resolve(
        Qwen2Model model, int length, IEnumerable<Index> positions, FlowOptions options)
    {
        ImmutableArray<FlowOptions> resolved =
        [
            .. positions
                .Select(one => (options with { TargetPosition = one }).Resolve(length, model.Config.LayerCount))
                .DistinctBy(one => one.TargetPosition.Value).OrderBy(one => one.TargetPosition.Value),
        ];
        if (resolved.IsEmpty)
            throw new ArgumentException("There is no position to trace: at least one is needed.");
        var last = resolved[^1];
        if (last.TargetPosition.Value >= MostTokens)
            throw new ArgumentException(
                $"A flow from position {last.TargetPosition} holds two squares of {last.TargetPosition.Value + 1} "
                + $"tokens in memory, expected at most {MostTokens} tokens: trace an earlier position, or a shorter "
                + "prompt.");
        foreach (var intervention in options.Interventions)
            Check(intervention, model, length, last);
        return resolved;
    }

    // What attention brings from each position is made of pattern, values and output weights, and compared with the
    // stream: a change between the two would leave out or add a part.
    static void Check(Intervention intervention, Qwen2Model model, int length, FlowOptions options)
    {
        intervention.CheckFor(model, length, options.AttentionMask);
        var site = intervention.Target.ChangedSite;
        if (new Site(Activation.ResidualMiddle, options.ToLayer.Value).IsBefore(site))
            throw new ArgumentException(
                $"{intervention}: the flow ends in layer {options.ToLayer}, before the run comes there; name a later "
                + "last layer, or leave the intervention out.");
        if (site.Layer >= options.FromLayer.Value && site.Activation
            is Activation.Pattern or Activation.HeadOutput or Activation.AttentionOutput or Activation.ResidualMiddle)
            throw new ArgumentException(
                $"{intervention}: what attention brings from each position would not add up to the stream; change "
                + "queries, keys or values instead, or a layer that is not traced.");
    }

    FlowResult Result(
        FlowOptions resolved, FoundFlow found, ImmutableArray<TokenText> tokens, ReadOnlySpan<int> ids)
    {
        var config = model.Config;
        var noted = new TraceOptions
        {
            TargetPosition = resolved.TargetPosition,
            StopAtBos = false,
            AttentionMask = resolved.AttentionMask,
        };
        return new FlowResult
        {
            Options = resolved with { Interventions = [] },
            Model = new TracedModel(model.Name, config.LayerCount, config.HeadCount),
            Tokens = tokens,
            Shares = found.Shares,
            Paths = found.Paths,
            PathTexts = FlowText.FormatAll(found.Paths, tokens),
            Notices = [.. model.Notices, .. TraceNotices.Of(model, noted, ids)],
            Interventions = [.. resolved.Interventions.Select(intervention => intervention.ToString())],
        };
    }
}
