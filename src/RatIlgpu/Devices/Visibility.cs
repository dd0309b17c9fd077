using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The keys that a query sees, of those up to itself.</summary>
/// <param name="Window">How many keys a query sees, itself included: the last ones; <see cref="int.MaxValue"/> for
/// all.</param>
/// <param name="KeyMask"><c>[keys]</c>, 0 if no query sees the key; null if no key is hidden.</param>
public readonly record struct Visibility(int Window, Tensor? KeyMask)
{
    /// <summary>Gets the visibility of every key up to the query.</summary>
    public static Visibility Causal { get; } = new(int.MaxValue, null);

    /// <summary>Returns the first key in the window of the query at a position.</summary>
    /// <param name="position">The query's position, counted in keys.</param>
    public int FirstKey(int position) => Window > position ? 0 : position - Window + 1;
}
