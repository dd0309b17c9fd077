using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Which keys each query sees: a range of them, without those that the key mask hides.</summary>
sealed unsafe class Sight : IDisposable
{
    readonly Visibility visibility;
    readonly HostTensor? penalties;
    readonly int before;

    public Sight(Visibility visibility, int queries, int keys)
    {
        this.visibility = visibility;
        before = keys - queries;
        if (visibility.KeyMask is null)
            return;
        penalties = HostTensor.Allocate(new Shape(keys));
        var mask = HostDevice.Host(visibility.KeyMask).Floats;
        for (var k = 0; k < keys; k++)
            penalties.Floats[k] = mask[k] == 0 ? float.NegativeInfinity : 0;
    }

    /// <summary>What is added to the score of each key: 0, or −∞ where it is hidden; null where none is.</summary>
    public float* Penalties => penalties is null ? null : (float*)penalties.Data;

    public int FirstKey(int query) => visibility.FirstKey(before + query);

    public int EndKey(int query) => before + query + 1;

    public void Dispose() => penalties?.Dispose();
}
