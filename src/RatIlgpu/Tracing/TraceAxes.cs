using RatIlgpu.Devices;

namespace RatIlgpu;

/// <summary>The positions, layers and heads of several traces of one prompt; every combination is traced.</summary>
public sealed record TraceAxes
{
    /// <summary>Gets the positions to trace, at least one; <c>^1</c> is the last token. Default: null, that of the
    /// options.</summary>
    public ValueArray<Index>? Positions
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the layers to trace, at least one; <c>^1</c> is the last layer. Default: null, that of the
    /// options.</summary>
    public ValueArray<Index>? Layers
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }

    /// <summary>Gets the choices of heads to trace, at least one. Default: null, that of the options.</summary>
    public ValueArray<HeadAggregation>? Heads
    {
        get;
        init => field = value is { IsDefault: false } ? value : null;
    }
}
