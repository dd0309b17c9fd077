using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Which keys a query may see, beside those before it.</summary>
/// <param name="Window">How many of the last keys a query sees, itself included; <see cref="int.MaxValue"/> for
/// all.</param>
/// <param name="KeyMask"><c>[keys]</c>, 0 where a key is never seen, anything else where it is; null for none
/// hidden.</param>
public readonly record struct Visibility(int Window, Tensor? KeyMask)
{
    /// <summary>Every key up to the query.</summary>
    public static Visibility Causal { get; } = new(int.MaxValue, null);

    /// <summary>Returns the first key that the query at a position may see.</summary>
    /// <param name="position">The query's position, counted in keys.</param>
    public int FirstKey(int position) => Window > position ? 0 : position - Window + 1;
}
