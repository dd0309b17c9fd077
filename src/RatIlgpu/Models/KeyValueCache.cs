using System.Collections.Immutable;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The keys and values of the positions a sequence has run through so far, so that a next run only computes
/// the new positions.</summary>
public sealed class KeyValueCache : IDisposable
{
    readonly ImmutableArray<(Tensor Key, Tensor Value)> layers;

    /// <summary>Makes room for so many positions.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="device">The model's device.</param>
    /// <param name="capacity">The most positions the cache can hold, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is less than 1.</exception>
    public KeyValueCache(Qwen2Config config, Device device, int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        var shape = new Shape(capacity, config.KeyHeadCount, config.HeadSize);
        layers = [.. Enumerable.Repeat(shape, config.LayerCount).Select(s => (device.Allocate(s), device.Allocate(s)))];
    }

    /// <summary>Gets the most positions the cache can hold.</summary>
    public int Capacity { get; }

    /// <summary>Gets how many positions it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets the last positions, so that others can follow.</summary>
    /// <param name="count">How many positions to keep, in [0, <see cref="Count"/>].</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not that many.</exception>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        Count = count;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (var (key, value) in layers)
        {
            key.Dispose();
            value.Dispose();
        }
    }

    /// <summary>Returns the room for keys and values of a layer, <c>[capacity, keyHeads, headSize]</c> each.</summary>
    internal (Tensor Key, Tensor Value) Layer(int layer) => layers[layer];

    /// <summary>Notes that a run wrote so many more positions.</summary>
    internal void Advance(int positions) => Count += positions;
}
