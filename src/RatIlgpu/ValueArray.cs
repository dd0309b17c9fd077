using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace RatIlgpu;

/// <summary>An immutable array that equals every other array with equal elements in the same order. Records that hold
/// one are equal by value.</summary>
/// <remarks>A collection expression makes one: <c>ValueArray&lt;int&gt; ids = [1, 2, 3]</c>. The default value is
/// empty.</remarks>
/// <typeparam name="T">The type of the elements, compared with their default comparer.</typeparam>
/// <param name="items">The elements; they are not copied.</param>
[CollectionBuilder(typeof(ValueArray), nameof(ValueArray.Create))]
[SuppressMessage("Usage", "CA2225", Justification = "The constructor and Items do what the conversions do.")]
[SuppressMessage("Naming", "CA1710", Justification = "An array is no collection that can grow.")]
public readonly struct ValueArray<T>(ImmutableArray<T> items) : IEquatable<ValueArray<T>>, IReadOnlyList<T>
{
    readonly ImmutableArray<T> items = items;

    /// <summary>Gets the elements.</summary>
    public ImmutableArray<T> Items => items.IsDefault ? [] : items;

    /// <summary>Gets the number of elements.</summary>
    public int Length => Items.Length;

    /// <summary>Gets whether there is no element.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Gets whether this is the default value, which an optional property takes for no array, and not an array
    /// that was made without elements.</summary>
    public bool IsDefault => items.IsDefault;

    int IReadOnlyCollection<T>.Count => Length;

    /// <summary>Gets an element.</summary>
    /// <param name="index">In [0, <see cref="Length"/>).</param>
    public T this[int index] => Items[index];

    /// <summary>Wraps an immutable array. The default <c>ImmutableArray</c> becomes an empty array.</summary>
    public static implicit operator ValueArray<T>(ImmutableArray<T> items) => new(items);

    /// <summary>Unwraps the immutable array.</summary>
    public static implicit operator ImmutableArray<T>(ValueArray<T> array) => array.Items;

    /// <summary>Returns a view of the elements.</summary>
    public static implicit operator ReadOnlySpan<T>(ValueArray<T> array) => array.AsSpan();

    /// <summary>Tells whether both arrays have equal elements in the same order.</summary>
    public static bool operator ==(ValueArray<T> left, ValueArray<T> right) => left.Equals(right);

    /// <summary>Tells whether the arrays differ in an element or in their length.</summary>
    public static bool operator !=(ValueArray<T> left, ValueArray<T> right) => !left.Equals(right);

    /// <summary>Returns a view of the elements.</summary>
    public ReadOnlySpan<T> AsSpan() => Items.AsSpan();

    /// <summary>Returns some consecutive elements.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="length">The number of elements.</param>
    public ValueArray<T> Slice(int start, int length) => Items.Slice(start, length);

    /// <summary>Returns an enumerator of the elements.</summary>
    public ImmutableArray<T>.Enumerator GetEnumerator() => Items.GetEnumerator();

    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable)Items).GetEnumerator();

    /// <summary>Tells whether both arrays have equal elements in the same order.</summary>
    public bool Equals(ValueArray<T> other) => AsSpan().SequenceEqual(other.AsSpan(), EqualityComparer<T>.Default);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValueArray<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in Items)
            hash.Add(item);
        return hash.ToHashCode();
    }

    /// <summary>Returns the elements in brackets, such as <c>[1, 2, 3]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", Items)}]";
}

/// <summary>Makes value arrays of collection expressions.</summary>
public static class ValueArray
{
    /// <summary>Copies elements.</summary>
    public static ValueArray<T> Create<T>(ReadOnlySpan<T> items) => new([.. items]);
}
