using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The range of keys that each query sees, and which keys in it the key mask hides. The queries are the last
/// of the sequence.</summary>
sealed unsafe class VisibleRange(Visibility visibility, int queries, int keys) : IDisposable
{
    readonly HostTensor? penalties = visibility.KeyMask is { } mask ? PenaltiesOf(HostDevice.Host(mask)) : null;

    /// <summary>Gets the number of queries.</summary>
    public int Queries { get; } = queries;

    /// <summary>Gets the number of keys.</summary>
    public int Keys { get; } = keys;

    /// <summary>Gets the number to add to the score of each key: 0, or −∞ if the key is hidden; null if no key is
    /// hidden.</summary>
    public float* Penalties => penalties is null ? null : (float*)penalties.Data;

    /// <summary>Returns the first key that a query sees.</summary>
    public int FirstKey(int query) => visibility.FirstKey(Keys - Queries + query);

    /// <summary>Returns the key after the last that a query sees.</summary>
    public int EndKey(int query) => Keys - Queries + query + 1;

    /// <summary>Frees the penalties.</summary>
    public void Dispose() => penalties?.Dispose();

    static HostTensor PenaltiesOf(HostTensor mask)
    {
        var penalties = HostTensor.Allocate(mask.Shape);
        Span<float> numbers = penalties.Floats, visible = mask.Floats;
        for (var k = 0; k < numbers.Length; k++)
            numbers[k] = visible[k] == 0 ? float.NegativeInfinity : 0;
        return penalties;
    }
}
