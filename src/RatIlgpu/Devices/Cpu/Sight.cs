using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Which keys each query sees: a range of them, without those that the key mask hides.</summary>
sealed unsafe class Sight : IDisposable
{
    readonly Visibility visibility;
    readonly HostTensor? penalties;

    /// <summary>Makes the sight of some queries, the last of the sequence.</summary>
    /// <param name="window">How many of the last keys a query sees.</param>
    /// <param name="mask">A number for each key, 0 where it is hidden; null for none hidden.</param>
    /// <param name="queries">How many queries.</param>
    /// <param name="keys">How many keys.</param>
    public Sight(int window, float* mask, int queries, int keys)
    {
        (visibility, Queries, Keys) = (new Visibility(window, null), queries, keys);
        if (mask == null)
            return;
        penalties = HostTensor.Allocate(new Shape(keys));
        for (var k = 0; k < keys; k++)
            penalties.Floats[k] = mask[k] == 0 ? float.NegativeInfinity : 0;
    }

    public Sight(Visibility visibility, int queries, int keys)
        : this(
            visibility.Window, visibility.KeyMask is { } mask ? (float*)HostDevice.Host(mask).Data : null, queries,
            keys)
    {
    }

    public int Queries { get; }

    public int Keys { get; }

    /// <summary>What is added to the score of each key: 0, or −∞ where it is hidden; null where none is.</summary>
    public float* Penalties => penalties is null ? null : (float*)penalties.Data;

    public int FirstKey(int query) => visibility.FirstKey(Keys - Queries + query);

    public int EndKey(int query) => Keys - Queries + query + 1;

    public void Dispose() => penalties?.Dispose();
}
