using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The tensors of one run: those of the whole sequence, and those that a block of positions works
/// in.</summary>
/// <remarks>A run may have several branches: continuations of the same cached positions, of the same length, that know
/// nothing of each other. The rows of a position, one for each branch, lie together.</remarks>
sealed class Sequence : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    readonly Tensor angles;
    readonly KeyValueCache? cache;
    readonly (Tensor Key, Tensor Value) ownMemory;
    readonly Tensor? keyMask;
    readonly int branches;
    Workspace? workspace;
    int filledLayer = -1;

    /// <summary>Makes the tensors of a run.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="device">Where they lie.</param>
    /// <param name="count">How many positions the run computes.</param>
    /// <param name="branches">How many branches it has, at least 1.</param>
    /// <param name="cache">Where keys and values of earlier positions lie, and those of a run without branches go; null
    /// for neither.</param>
    /// <param name="mask">One entry per key, 0 for padding; null for none.</param>
    public Sequence(
        Qwen2Config config, Device device, int count, int branches, KeyValueCache? cache, ReadOnlySpan<int> mask)
    {
        (this.config, this.device, this.cache, this.branches) = (config, device, cache, branches);
        (Count, Past) = (count, cache?.Count ?? 0);
        Residual = device.Allocate(checked(count * branches), config.HiddenSize);
        angles = device.Allocate(count * branches, config.HeadSize);
        device.Upload(Turns(), angles);
        if (OwnsMemory)
            ownMemory = (device.Allocate(KeyShape(Past + count)), device.Allocate(KeyShape(Past + count)));
        if (mask.IsEmpty)
            return;
        keyMask = device.Allocate(mask.Length);
        var seen = new float[mask.Length];
        for (var i = 0; i < seen.Length; i++)
            seen[i] = mask[i];
        device.Upload(seen, keyMask);
        HasBlindQuery = IsBlind(mask, Past, Enumerable.Range(0, config.LayerCount).Min(config.WindowOf));
    }

    /// <summary>Gets how many positions the run computes.</summary>
    public int Count { get; }

    /// <summary>Gets how many positions before those lie in the cache.</summary>
    public int Past { get; }

    /// <summary>Gets the residual stream, <c>[count · branches, width]</c>.</summary>
    public Tensor Residual { get; }

    /// <summary>Gets whether some query of the run may see no key at all.</summary>
    public bool HasBlindQuery { get; }

    /// <summary>Returns the stream at the last positions, <c>[positions · branches, width]</c>.</summary>
    public Tensor Last(int positions) => Residual.Slice((Count - positions) * branches, positions * branches);

    /// <summary>Returns what a layer needs to compute some positions.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="start">The first position of the run.</param>
    /// <param name="positions">How many positions.</param>
    /// <param name="window">The layer's attention window.</param>
    public Block Block(int layer, int start, int positions, int window)
    {
        var (keys, values) = Memory(layer);
        var rows = positions * branches;
        workspace = Workspace.Fit(workspace, rows, config, device);
        var (own, seen) = (Past + start, Past + start + positions);
        return new Block(
            layer,
            positions,
            Residual.Slice(start * branches, rows),
            workspace.Normed.Slice(0, rows),
            angles.Slice(start * branches, rows),
            Rows(keys),
            Rows(values),
            keys.Slice(0, seen),
            values.Slice(0, seen),
            new Visibility(window, keyMask?.Slice(0, seen)),
            workspace);

        Tensor Rows(Tensor memory) =>
            memory.Slice(own, positions).Reshape(rows, config.KeyValueHeadCount, config.HeadSize);
    }

    public void Dispose()
    {
        Residual.Dispose();
        angles.Dispose();
        keyMask?.Dispose();
        ownMemory.Key?.Dispose();
        ownMemory.Value?.Dispose();
        workspace?.Dispose();
    }

    // Branches must not write to the cache they all continue.
    bool OwnsMemory => cache is null || branches > 1;

    (Tensor Key, Tensor Value) Memory(int layer)
    {
        if (!OwnsMemory)
            return cache!.Layer(layer);
        if (cache is null || filledLayer == layer || Past == 0)
            return ownMemory;

        // Every branch sees the cached positions as if they were its own.
        var (key, value) = cache.Layer(layer);
        int[] rows = [.. Enumerable.Range(0, Past).SelectMany(position => Enumerable.Repeat(position, branches))];
        foreach (var (from, to) in (ReadOnlySpan<(Tensor, Tensor)>)[(key, ownMemory.Key), (value, ownMemory.Value)])
        {
            var width = config.KeyValueHeadCount * config.HeadSize;
            device.Gather(
                from.Slice(0, Past).Reshape(Past, width), rows, to.Slice(0, Past).Reshape(Past * branches, width));
        }

        filledLayer = layer;
        return ownMemory;
    }

    float[] Turns()
    {
        var size = config.HeadSize;
        var turns = new float[checked(Count * size)];
        new RotaryEmbedding(config).Fill(Past, Count, turns);
        if (branches == 1)
            return turns;
        var repeated = new float[checked(Count * branches * size)];
        for (var row = 0; row < Count * branches; row++)
            turns.AsSpan(row / branches * size, size).CopyTo(repeated.AsSpan(row * size, size));
        return repeated;
    }

    // Padding is blind where nothing but padding stands before it, or in its window.
    static bool IsBlind(ReadOnlySpan<int> mask, int past, int window)
    {
        var hidden = 0;
        for (var position = 0; position < mask.Length; position++)
        {
            hidden = mask[position] == 0 ? hidden + 1 : 0;
            if (position >= past && (hidden > position || hidden >= window))
                return true;
        }

        return false;
    }

    Shape KeyShape(int count) => new(count, branches * config.KeyValueHeadCount, config.HeadSize);
}

/// <summary>What a layer works on: consecutive positions of a run, B rows of them, and the S keys they may
/// see.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Positions">How many positions; in a run of several branches each has a row for every branch.</param>
/// <param name="X">The residual stream, <c>[B, width]</c>.</param>
/// <param name="Normed">Room for a normed stream or a sublayer's output, <c>[B, width]</c>.</param>
/// <param name="Angles">The rotary angles, <c>[B, headSize]</c>.</param>
/// <param name="Key">Where the keys of these positions go, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="Value">Where the values of these positions go, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="SeenKeys">The keys up to the last of these positions, <c>[S, keyHeads of all branches,
/// headSize]</c>.</param>
/// <param name="SeenValues">The values up to the last of these positions, <c>[S, keyHeads of all branches,
/// headSize]</c>.</param>
/// <param name="Visibility">Which of the keys a query may see.</param>
/// <param name="Room">Memory for what lies between.</param>
sealed record Block(
    int Layer,
    int Positions,
    Tensor X,
    Tensor Normed,
    Tensor Angles,
    Tensor Key,
    Tensor Value,
    Tensor SeenKeys,
    Tensor SeenValues,
    Visibility Visibility,
    Workspace Room)
{
    /// <summary>Gets room for the queries, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Query => Fit(Room.Query);

    /// <summary>Gets room for the mixed values, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Mix => Fit(Room.Mix);

    /// <summary>Gets room for the gate of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Gate => Fit(Room.Gate);

    /// <summary>Gets room for the other half of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Up => Fit(Room.Up);

    /// <summary>Gets room for the pattern, <c>[heads of all branches, positions, S]</c>.</summary>
    public Tensor Pattern => Room.Pattern(HeadsOf(Query).Shape[1], Positions, SeenKeys.Shape[0]);

    /// <summary>Returns rows of heads as the attention sees them: the branches of a position are so many more heads of
    /// it, since a head reads the keys of its own branch only.</summary>
    /// <param name="rows"><c>[B, heads, headSize]</c>.</param>
    /// <returns><c>[positions, heads of all branches, headSize]</c>.</returns>
    public Tensor HeadsOf(Tensor rows) =>
        Positions == 0 ? rows : rows.Reshape(Positions, rows.Shape[0] / Positions * rows.Shape[1], rows.Shape[2]);

    /// <summary>Returns the last of these positions, which see the same keys.</summary>
    /// <param name="positions">How many, at most all.</param>
    public Block Last(int positions)
    {
        if (positions == Positions)
            return this;
        var rows = Positions == 0 ? 0 : X.Shape[0] / Positions * positions;
        return this with
        {
            Positions = positions,
            X = End(X),
            Normed = End(Normed),
            Angles = End(Angles),
            Key = End(Key),
            Value = End(Value),
        };

        Tensor End(Tensor tensor) => tensor.Slice(tensor.Shape[0] - rows, rows);
    }

    Tensor Fit(Tensor room) => room.Slice(0, X.Shape[0]);
}

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
