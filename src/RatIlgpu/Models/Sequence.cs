using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The tensors of one run: those of the whole sequence, and those that a block of positions works
/// in.</summary>
sealed class Sequence : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    readonly Tensor angles;
    readonly KeyValueCache? cache;
    readonly (Tensor Key, Tensor Value) ownMemory;
    readonly Tensor? keyMask;
    readonly int past;
    Workspace? workspace;

    /// <summary>Makes the tensors of a run.</summary>
    /// <param name="config">The architecture.</param>
    /// <param name="device">Where they lie.</param>
    /// <param name="count">How many positions the run computes.</param>
    /// <param name="cache">Where keys and values of earlier positions lie and those of this run go; null for
    /// neither.</param>
    /// <param name="mask">One entry per key, 0 for padding; null for none.</param>
    public Sequence(Qwen2Config config, Device device, int count, KeyValueCache? cache, ReadOnlySpan<int> mask)
    {
        (this.config, this.device, this.cache, Count, past) = (config, device, cache, count, cache?.Count ?? 0);
        Residual = device.Allocate(count, config.HiddenSize);
        angles = device.Allocate(count, config.HeadSize);
        var turns = new float[checked(count * config.HeadSize)];
        new RotaryAngles(config).Fill(past, count, turns);
        device.Upload(turns, angles);
        if (cache is null)
            ownMemory = (device.Allocate(KeyShape(count)), device.Allocate(KeyShape(count)));
        if (mask.IsEmpty)
            return;
        keyMask = device.Allocate(mask.Length);
        var seen = new float[mask.Length];
        for (var i = 0; i < seen.Length; i++)
            seen[i] = mask[i];
        device.Upload(seen, keyMask);
        HasBlindQuery = IsBlind(mask, past, Enumerable.Range(0, config.LayerCount).Min(config.WindowOf));
    }

    /// <summary>Gets how many positions the run computes.</summary>
    public int Count { get; }

    /// <summary>Gets the residual stream, <c>[count, width]</c>.</summary>
    public Tensor Residual { get; }

    /// <summary>Gets whether some query of the run may see no key at all.</summary>
    public bool HasBlindQuery { get; }

    /// <summary>Returns what a layer needs to compute some positions.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="start">The first position of the run.</param>
    /// <param name="rows">How many positions.</param>
    /// <param name="window">The layer's attention window.</param>
    public Block Block(int layer, int start, int rows, int window)
    {
        var (keys, values) = cache?.Layer(layer) ?? ownMemory;
        workspace = Workspace.Fit(workspace, rows, config, device);
        var (own, seen) = (past + start, past + start + rows);
        return new Block(
            layer,
            Residual.Rows(start, rows),
            angles.Rows(start, rows),
            keys.Rows(own, rows),
            values.Rows(own, rows),
            keys.Rows(0, seen),
            values.Rows(0, seen),
            new Visibility(window, keyMask?.Rows(0, seen)),
            workspace);
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

    Shape KeyShape(int count) => new(count, config.KeyHeadCount, config.HeadSize);
}
