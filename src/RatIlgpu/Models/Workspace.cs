using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The memory that a block of positions works in, used again by the next one.</summary>
sealed class Workspace : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    readonly int rows;
    readonly Lazy<Tensor> mix, gate, up;
    Tensor? pattern, headKey, headValue;

    Workspace(int rows, Qwen2Config config, Device device)
    {
        (this.rows, this.config, this.device) = (rows, config, device);
        Normed = device.Allocate(rows, config.HiddenSize);
        Query = Heads();
        // A run that stops at the queries of a layer, which may be whole and long, needs no room for what follows them.
        mix = new(Heads);
        gate = new(Inner);
        up = new(Inner);
    }

    public Tensor Normed { get; }

    public Tensor Query { get; }

    public Tensor Mix => mix.Value;

    public Tensor Gate => gate.Value;

    public Tensor Up => up.Value;

    /// <summary>Returns room for the pattern of queries over keys, <c>[heads, queries, keys]</c>.</summary>
    public Tensor Pattern(int heads, int queries, int keys) => Again(ref pattern, new(heads, queries, keys));

    /// <summary>Returns room for the keys as each query head sees them, <c>[keys, heads, headSize]</c>.</summary>
    public Tensor HeadKey(int keys, int heads) => Again(ref headKey, new(keys, heads, config.HeadSize));

    /// <summary>Returns room for the values as each query head sees them, <c>[keys, heads, headSize]</c>.</summary>
    public Tensor HeadValue(int keys, int heads) => Again(ref headValue, new(keys, heads, config.HeadSize));

    /// <summary>Returns a workspace for so many rows: the same one if it is large enough, else a new one in its
    /// place.</summary>
    public static Workspace Fit(Workspace? current, int rows, Qwen2Config config, Device device)
    {
        if (current is not null && current.rows >= rows)
            return current;
        current?.Dispose();
        return new Workspace(rows, config, device);
    }

    public void Dispose()
    {
        Normed.Dispose();
        Query.Dispose();
        pattern?.Dispose();
        headKey?.Dispose();
        headValue?.Dispose();
        foreach (var part in (ReadOnlySpan<Lazy<Tensor>>)[mix, gate, up])
            if (part.IsValueCreated)
                part.Value.Dispose();
    }

    // The same for every layer: new memory of the size of a pattern takes longer to come by than to fill.
    Tensor Again(ref Tensor? room, Shape shape)
    {
        if (room?.Shape == shape)
            return room;
        room?.Dispose();
        return room = device.Allocate(shape);
    }

    Tensor Heads() => device.Allocate(rows, config.HeadCount, config.HeadSize);

    Tensor Inner() => device.Allocate(rows, config.IntermediateSize);
}
