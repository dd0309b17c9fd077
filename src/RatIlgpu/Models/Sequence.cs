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
