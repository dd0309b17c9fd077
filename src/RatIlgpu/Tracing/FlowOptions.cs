namespace RatIlgpu;

/// <summary>The options of a flow through all layers; change them with <c>with</c>.</summary>
public sealed record FlowOptions
{
    /// <summary>Gets the position to trace. Default: <c>^1</c>, the last token.</summary>
    public Index TargetPosition { get; init; } = ^1;

    /// <summary>Gets what one step is. Default: <see cref="FlowMethod.Norm"/>.</summary>
    public FlowMethod Method { get; init; } = FlowMethod.Norm;

    /// <summary>Gets the first layer. Default: 0.</summary>
    public Index FromLayer { get; init; } = 0;

    /// <summary>Gets the last layer. Default: <c>^1</c>, the last of the model.</summary>
    public Index ToLayer { get; init; } = ^1;

    /// <summary>Gets the number of paths kept, at least 1. Default: 5.</summary>
    public int TopBeam { get; init; } = 5;

    /// <summary>Gets the number of steps tried from each position in each layer, at least 1. Default: 5.</summary>
    public int TopK { get; init; } = 5;

    /// <summary>Gets the least probability of a path, in [0, 1]; one with less is not followed further. Default:
    /// 0.</summary>
    public double MinShare { get; init; }

    /// <summary>Gets the padding mask: 1 for a token, 0 for padding, one entry per token. Default: null, no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the interventions in the run; those at one site act in this order. Default: none.</summary>
    public ValueArray<Intervention> Interventions { get; init; } = [];

    /// <summary>Returns these options with target and layers counted from 0, after checking every one but the
    /// interventions.</summary>
    /// <param name="length">The tokens of the prompt.</param>
    /// <param name="layerCount">The layers of the model.</param>
    /// <exception cref="ArgumentException">The prompt is empty, the mask does not fit it, the target is padding, or the
    /// first layer comes after the last.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FlowOptions Resolve(int length, int layerCount)
    {
        // The checks of a trace, and their messages.
        var trace = new TraceOptions
        {
            TargetPosition = TargetPosition,
            TopBeam = TopBeam,
            TopK = TopK,
            AttentionMask = AttentionMask,
        };
        var target = trace.Resolve(length, layerCount, 1, 1).TargetPosition.Value;
        if (!Enum.IsDefined(Method))
            throw new ArgumentOutOfRangeException(nameof(Method), $"{Method} is no method of a flow.");
        if (MinShare is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(MinShare), FormattableString.Invariant($"MinShare is {MinShare}, expected 0 to 1."));
        var from = LayerOf(nameof(FromLayer), FromLayer, layerCount);
        var to = LayerOf(nameof(ToLayer), ToLayer, layerCount);
        if (from > to)
            throw new ArgumentException(
                $"The first layer of a flow is {from} and the last is {to}: the first must not come after the last.");
        if (AttentionMask is { } mask && mask[target] == 0)
            throw new ArgumentException(
                $"The target, position {target}, is padding, through which nothing flows: name a token.");
        return this with { TargetPosition = target, FromLayer = from, ToLayer = to };
    }

    static int LayerOf(string option, Index layer, int layerCount)
    {
        var found = layer.GetOffset(layerCount);
        return found >= 0 && found < layerCount ? found : throw new ArgumentOutOfRangeException(
            option,
            $"{option} is {layer}, expected ^{layerCount} to {layerCount - 1} for a model of {layerCount} "
            + $"layer{(layerCount == 1 ? "" : "s")}.");
    }
}

/// <summary>What one step of a flow through all layers is.</summary>
public enum FlowMethod
{
    /// <summary>How near what attention brings from a position comes to the stream after attention; Ferrando and Voita,
    /// Information flow routes, 2024.</summary>
    Norm,

    /// <summary>Half the mean attention of the heads, and half for the position itself; Abnar and Zuidema, Quantifying
    /// attention flow in transformers, 2020.</summary>
    Rollout,
}
