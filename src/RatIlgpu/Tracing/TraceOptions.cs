using RatIlgpu.Devices;
using RatIlgpu.Tracing;

namespace RatIlgpu;

/// <summary>The options of a trace; change them with <c>with</c>.</summary>
public sealed record TraceOptions
{
    /// <summary>Gets the position to trace. Default: <c>^1</c>, the last token.</summary>
    public Index TargetPosition { get; init; } = ^1;

    /// <summary>Gets the layer whose attention is traced. Default: <c>^1</c>, the last layer.</summary>
    public Index Layer { get; init; } = ^1;

    /// <summary>Gets the number of paths kept, at least 1. Default: 5.</summary>
    public int TopBeam { get; init; } = 5;

    /// <summary>Gets the number of predecessors tried at each step, at least 1. Default: 5.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>Gets the least attention of a step, in [0, 1]; it is rounded to a float, as attention is. Default:
    /// 0.</summary>
    public double MinAttention { get; init; }

    /// <summary>Gets the heads whose patterns are reduced to one, and the reduction. Default: the mean over
    /// all.</summary>
    public HeadAggregation Heads { get; init; } = HeadAggregation.Mean;

    /// <summary>Gets what attention counts, which <see cref="MinAttention"/> and scores are then about. Of
    /// contributions, <see cref="Heads"/> are those that are added: all, one, or those of a mean. Default: the
    /// probabilities as they are.</summary>
    public AttentionWeights Weights { get; init; }

    /// <summary>Gets the normalisation that makes scores of different lengths comparable. Default: the mean log
    /// probability.</summary>
    public LengthNormalization LengthNormalization { get; init; } = LengthNormalization.AverageLogProbability;

    /// <summary>Gets whether a path ends at a token <see cref="BosTokenId"/>. Default: true.</summary>
    public bool StopAtBos { get; init; } = true;

    /// <summary>Gets the token at which paths end. Default: null, the token that the tokenizer puts before texts; where
    /// that is none, as in Qwen2, paths run to position 0.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per token. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the number of likeliest next tokens to tell at the target, at least 0; with 0, the model runs only
    /// up to the traced layer. Default: 5.</summary>
    public int Predictions { get; init; } = 5;

    /// <summary>Gets the interventions in the run; those at one site act in this order. Default: none.</summary>
    public ValueArray<Intervention> Interventions { get; init; } = [];

    /// <summary>Returns these options with target and layer counted from 0, after checking every one but the
    /// interventions.</summary>
    /// <param name="length">The tokens of the prompt.</param>
    /// <param name="layerCount">The layers of the model.</param>
    /// <param name="headCount">The query heads of a layer.</param>
    /// <param name="vocabularySize">The tokens that the model has embeddings of.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or the mask does not fit it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public TraceOptions Resolve(int length, int layerCount, int headCount, int vocabularySize)
    {
        if (length == 0)
            throw new ArgumentException("The prompt is empty: at least one token is needed.");
        Check();
        var target = TargetPosition.GetOffset(length);
        if (target < 0 || target >= length)
            throw OutOfRange(
                nameof(TargetPosition), TargetPosition, $"{Range(length)} for a prompt of {Count(length, "token")}");
        var layer = Layer.GetOffset(layerCount);
        if (layer < 0 || layer >= layerCount)
            throw OutOfRange(nameof(Layer), Layer, $"{Range(layerCount)} for a model of {Count(layerCount, "layer")}");
        if (BosTokenId is { } bos && (bos < 0 || bos >= vocabularySize))
            throw OutOfRange(
                nameof(BosTokenId), bos, $"0 to {vocabularySize - 1} for a vocabulary of {vocabularySize}");
        Heads.Of(headCount);
        if (Weights == AttentionWeights.Contribution && Heads.Reduction == HeadReduction.Max)
            throw new ArgumentException(
                $"{nameof(Weights)} is {Weights}, which adds up heads, and {nameof(Heads)} is {Heads}; expected mean, "
                + "a head, or a mean over some.", nameof(Heads));
        if (AttentionMask is { } mask && mask.Length != length)
            throw new ArgumentException(
                $"{nameof(AttentionMask)} is for {Count(mask.Length, "token")}, but the prompt has "
                + $"{Count(length, "token")}.",
                nameof(AttentionMask));
        return this with { TargetPosition = target, Layer = layer };
    }

    /// <summary>Validates the options that depend on neither prompt nor model.</summary>
    internal void Check()
    {
        if (TopBeam < 1)
            throw OutOfRange(nameof(TopBeam), TopBeam, "at least 1");
        if (TopK < 1)
            throw OutOfRange(nameof(TopK), TopK, "at least 1");
        if (Predictions < 0)
            throw OutOfRange(nameof(Predictions), Predictions, "0 or more");
        if (!Enum.IsDefined(Weights))
            throw OutOfRange(nameof(Weights), Weights, "Standard, Value, Info or Contribution");
        if (MinAttention is not (>= 0 and <= 1))
            throw OutOfRange(nameof(MinAttention), MinAttention, "0 to 1");
    }

    static ArgumentOutOfRangeException OutOfRange(string option, object found, string expected) =>
        new(option, FormattableString.Invariant($"{option} is {found}, expected {expected}."));

    static string Range(int count) => FormattableString.Invariant($"^{count} to {count - 1}");

    static string Count(int count, string noun) =>
        FormattableString.Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");
}
