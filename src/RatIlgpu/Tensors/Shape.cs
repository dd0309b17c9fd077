namespace RatIlgpu.Tensors;

/// <summary>The lengths of a tensor's axes, outermost first; neighbours on the last axis are neighbours in
/// memory.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    readonly ImmutableArray<int> axes;

    /// <summary>Makes a shape from its axis lengths.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative.</exception>
    /// <exception cref="OverflowException">The shape holds more than 2⁶³ − 1 numbers.</exception>
    public Shape(params ReadOnlySpan<int> axes)
    {
        this.axes = [.. axes];
        long count = 1;
        foreach (var length in axes)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(axes));
            if (length > 0 && count > long.MaxValue / length)
                throw new OverflowException(
                    $"The shape {this} holds more than {long.MaxValue} numbers; make one of its axes shorter.");
            count *= length;
        }

        Count = count;
    }

    /// <summary>Gets the number of axes.</summary>
    public int Rank => Axes.Length;

    /// <summary>Gets the number of numbers.</summary>
    public long Count { get; }

    /// <summary>Gets the length of an axis; <c>[^1]</c> is the last.</summary>
    /// <exception cref="IndexOutOfRangeException">The shape does not have the axis.</exception>
    public int this[Index axis] => axes[axis.GetOffset(Rank)];

    /// <summary>Gets the number of numbers in one element of the first axis.</summary>
    public long RowLength
    {
        get
        {
            long count = 1;
            for (var axis = 1; axis < Rank; axis++)
                count *= axes[axis];
            return count;
        }
    }

    /// <summary>Returns this shape with a first axis of another length.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rows"/> is negative.</exception>
    public Shape WithRows(int rows) => new([rows, .. Axes[1..]]);

    /// <summary>Tells whether two shapes have the same axes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Tells whether two shapes have different axes.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Shape other) => Axes.SequenceEqual(other.Axes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (var axis = 0; axis < Rank; axis++)
            hash.Add(axes[axis]);
        return hash.ToHashCode();
    }

    /// <summary>Returns the axes as <c>[2, 3]</c>.</summary>
    public override string ToString() =>
        "[" + string.Join(", ", Axes.ToArray().Select(length => length.ToString(CultureInfo.InvariantCulture))) + "]";

    ReadOnlySpan<int> Axes => axes.IsDefault ? [] : axes.AsSpan();
}
