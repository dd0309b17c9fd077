using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The keys and values of the positions that a sequence has run through, so that the next run computes only
/// the new positions.</summary>
public sealed class KeyValueCache : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    ImmutableArray<(Tensor Key, Tensor Value)> layers;
    int written;

    /// <summary>Allocates memory for a number of positions; a run that needs more allocates more.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="device">The model's device.</param>
    /// <param name="capacity">The number of positions to allocate for, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public KeyValueCache(Qwen2Config config, Device device, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (this.config, this.device, Capacity) = (config, device, capacity);
        layers = Allocate(capacity);
    }

    /// <summary>Gets the number of positions that memory is allocated for.</summary>
    public int Capacity { get; private set; }

    /// <summary>Gets the number of positions in the cache.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets the last positions, so that others can follow.</summary>
    /// <param name="count">The number of positions to keep, in [0, <see cref="Count"/>].</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or more than the positions in the
    /// cache.</exception>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        Count = count;
    }

    /// <summary>Counts positions again that were forgotten, or positions that a run wrote without counting them, since
    /// it stopped early or began in the middle of the model (<see cref="Qwen2Model.RunFrom"/> with one branch): runs
    /// may then read the layers that were computed there.</summary>
    /// <param name="count">The number of positions, from <see cref="Count"/> to as many as runs wrote; those that were
    /// forgotten before the last of these runs are not kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is less than the positions in the cache, or more than
    /// runs wrote.</exception>
    public void Restore(int count)
    {
        if (count < Count || count > written)
            throw new ArgumentOutOfRangeException(nameof(count), FormattableString.Invariant(
                $"{count} positions are to be restored, expected {Count} to {written}: runs wrote no more."));
        Count = count;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => Free(layers);

    /// <summary>Returns the memory of the keys and values of a layer, <c>[capacity, keyHeads, headSize]</c>
    /// each.</summary>
    internal (Tensor Key, Tensor Value) Layer(int layer) => layers[layer];

    /// <summary>Grows the cache to at least <paramref name="positions"/>, for a run that writes behind the counted
    /// ones: what lay there is lost, even if the run is stopped.</summary>
    internal void Reserve(int positions)
    {
        written = Count;
        if (positions <= Capacity)
            return;

        // Doubles, so that a long text is copied only a few times.
        var capacity = (int)Math.Min(int.MaxValue, Math.Max(positions, 2L * Capacity));
        var larger = Allocate(capacity);
        try
        {
            foreach (var ((key, value), (widerKey, widerValue)) in layers.Zip(larger))
            {
                device.Copy(key.Slice(0, Count), widerKey.Slice(0, Count));
                device.Copy(value.Slice(0, Count), widerValue.Slice(0, Count));
            }
        }
        catch
        {
            Free(larger);
            throw;
        }

        Free(layers);
        (layers, Capacity) = (larger, capacity);
    }

    /// <summary>Notes positions that a run wrote behind the counted ones.</summary>
    internal void NoteWritten(int positions) => written = Count + positions;

    /// <summary>Adds positions that a run wrote to the count.</summary>
    internal void Advance(int positions) => Count += positions;

    ImmutableArray<(Tensor Key, Tensor Value)> Allocate(int capacity)
    {
        var shape = new Shape(capacity, config.KeyValueHeadCount, config.HeadSize);
        var memory = new List<Tensor>();
        try
        {
            while (memory.Count < 2 * config.LayerCount)
                memory.Add(device.Allocate(shape));
        }
        catch
        {
            memory.ForEach(tensor => tensor.Dispose());
            throw;
        }

        return [.. memory.Chunk(2).Select(pair => (pair[0], pair[1]))];
    }

    static void Free(ImmutableArray<(Tensor Key, Tensor Value)> layers)
    {
        foreach (var (key, value) in layers)
        {
            key.Dispose();
            value.Dispose();
        }
    }
}
