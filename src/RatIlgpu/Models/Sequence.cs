using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The tensors of one run: the residual stream, the rotary angles, the keys and values, and the scratch memory
/// of a block of positions.</summary>
/// <remarks>A run may have several branches: continuations of the same cached positions, of the same length, that do
/// not see each other. The rows of one position, one for each branch, lie together.</remarks>
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

    /// <summary>Allocates the tensors of a run. A run of one branch adds its keys and values to the cache. A mask has
    /// one entry per key, 0 for padding.</summary>
    public Sequence(
        Qwen2Config config, Device device, int count, int branches, KeyValueCache? cache, ReadOnlySpan<int> mask)
    {
        (this.config, this.device, this.cache, this.branches) = (config, device, cache, branches);
        (Count, Past) = (count, cache?.Count ?? 0);
        Residual = device.Allocate(checked(count * branches), config.HiddenSize);
        angles = device.Allocate(count * branches, config.HeadSize);
        device.Upload(Angles(), angles);
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

    /// <summary>Gets the number of positions that the run computes.</summary>
    public int Count { get; }

    /// <summary>Gets the number of earlier positions, which lie in the cache.</summary>
    public int Past { get; }

    /// <summary>Gets the residual stream, <c>[count · branches, width]</c>.</summary>
    public Tensor Residual { get; }

    /// <summary>Gets whether a padded query of the run may see no key at all.</summary>
    public bool HasBlindQuery { get; }

    /// <summary>Returns the stream at the last positions, <c>[positions · branches, width]</c>.</summary>
    public Tensor Last(int positions) => Residual.Slice((Count - positions) * branches, positions * branches);

    /// <summary>Returns the tensors with which a layer computes some positions.</summary>
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

    // Branches read the same cache and must not write to it.
    bool OwnsMemory => cache is null || branches > 1;

    (Tensor Key, Tensor Value) Memory(int layer)
    {
        if (!OwnsMemory)
            return cache!.Layer(layer);
        if (cache is null || filledLayer == layer || Past == 0)
            return ownMemory;

        // Every branch has its own copy of the cached positions.
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

    float[] Angles()
    {
        var size = config.HeadSize;
        var rows = new float[checked(Count * size)];
        new RotaryEmbedding(config).Fill(Past, Count, rows);
        if (branches == 1)
            return rows;
        var repeated = new float[checked(Count * branches * size)];
        for (var row = 0; row < Count * branches; row++)
            rows.AsSpan(row / branches * size, size).CopyTo(repeated.AsSpan(row * size, size));
        return repeated;
    }

    // True if a padded query sees no key: all keys up to it, or in its window, are padding.
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

/// <summary>The tensors of one layer and a block of consecutive positions: B rows, and the S keys that they may
/// see.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Positions">The number of positions; each has one row for every branch.</param>
/// <param name="X">The residual stream, <c>[B, width]</c>.</param>
/// <param name="Normed">Scratch memory for a normed stream or the output of a sublayer, <c>[B, width]</c>.</param>
/// <param name="Angles">The rotary angles, <c>[B, headSize]</c>.</param>
/// <param name="Key">Destination of the keys of these positions, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="Value">Destination of the values of these positions, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="SeenKeys">The keys up to the last of these positions, <c>[S, keyHeads of all branches,
/// headSize]</c>.</param>
/// <param name="SeenValues">The values up to the last of these positions, <c>[S, keyHeads of all branches,
/// headSize]</c>.</param>
/// <param name="Visibility">The keys that a query may see.</param>
/// <param name="Scratch">Memory for intermediate activations.</param>
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
    Workspace Scratch)
{
    /// <summary>Gets memory for the queries, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Query => Fit(Scratch.Query);

    /// <summary>Gets memory for the outputs of the heads, <c>[B, heads, headSize]</c>.</summary>
    public Tensor HeadOutput => Fit(Scratch.HeadOutput);

    /// <summary>Gets memory for the gate of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Gate => Fit(Scratch.Gate);

    /// <summary>Gets memory for the factor that the gate multiplies, <c>[B, inner]</c>.</summary>
    public Tensor Up => Fit(Scratch.Up);

    /// <summary>Gets memory for the pattern, <c>[heads of all branches, positions, S]</c>.</summary>
    public Tensor Pattern => Scratch.Pattern(HeadsOf(Query).Shape[1], Positions, SeenKeys.Shape[0]);

    /// <summary>Returns rows of heads in the shape for attention, where the branches of a position are further heads of
    /// it: a head reads only the keys of its own branch.</summary>
    /// <param name="rows"><c>[B, heads, headSize]</c>.</param>
    /// <returns><c>[positions, heads of all branches, headSize]</c>.</returns>
    public Tensor HeadsOf(Tensor rows) =>
        Positions == 0 ? rows : rows.Reshape(Positions, rows.Shape[0] / Positions * rows.Shape[1], rows.Shape[2]);

    /// <summary>Returns the block of the last of these positions, with the same keys.</summary>
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

    Tensor Fit(Tensor memory) => memory.Slice(0, X.Shape[0]);
}

/// <summary>The scratch memory of a block of positions, which the next block uses again.</summary>
sealed class Workspace : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    readonly int rows;
    readonly Lazy<Tensor> headOutput, gate, up;
    Tensor? pattern, headKey, headValue;

    Workspace(int rows, Qwen2Config config, Device device)
    {
        (this.rows, this.config, this.device) = (rows, config, device);
        Normed = device.Allocate(rows, config.HiddenSize);
        Query = Heads();
        // A run that stops at the queries of a layer, perhaps of all positions, needs no memory for later activations.
        headOutput = new(Heads);
        gate = new(Inner);
        up = new(Inner);
    }

    public Tensor Normed { get; }

    public Tensor Query { get; }

    public Tensor HeadOutput => headOutput.Value;

    public Tensor Gate => gate.Value;

    public Tensor Up => up.Value;

    /// <summary>Returns memory for the pattern of queries over keys, <c>[heads, queries, keys]</c>.</summary>
    public Tensor Pattern(int heads, int queries, int keys) => Reuse(ref pattern, new(heads, queries, keys));

    /// <summary>Returns memory for the keys repeated for each query head, <c>[keys, heads, headSize]</c>.</summary>
    public Tensor HeadKey(int keys, int heads) => Reuse(ref headKey, new(keys, heads, config.HeadSize));

    /// <summary>Returns memory for the values repeated for each query head, <c>[keys, heads, headSize]</c>.</summary>
    public Tensor HeadValue(int keys, int heads) => Reuse(ref headValue, new(keys, heads, config.HeadSize));

    /// <summary>Returns a workspace of at least so many rows: the current one if it is large enough, else a new one
    /// that replaces it.</summary>
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
        foreach (var part in (ReadOnlySpan<Lazy<Tensor>>)[headOutput, gate, up])
            if (part.IsValueCreated)
                part.Value.Dispose();
    }

    // Kept for the next layer: to allocate memory of the size of a pattern takes longer than to fill it.
    Tensor Reuse(ref Tensor? memory, Shape shape)
    {
        if (memory?.Shape == shape)
            return memory;
        memory?.Dispose();
        return memory = device.Allocate(shape);
    }

    Tensor Heads() => device.Allocate(rows, config.HeadCount, config.HeadSize);

    Tensor Inner() => device.Allocate(rows, config.IntermediateSize);
}
