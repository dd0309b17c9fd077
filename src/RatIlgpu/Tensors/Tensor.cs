namespace RatIlgpu.Tensors;

/// <summary>Numbers of one format in the memory of one device, row major.</summary>
/// <remarks><see cref="Slice"/> and <see cref="Reshape"/> return views: a view shares the numbers of its source and
/// must not outlive it; disposing a view does nothing.</remarks>
public abstract class Tensor(Shape shape, DataType type) : IDisposable
{
    /// <summary>Gets the lengths of the axes.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>Gets how the numbers are stored.</summary>
    public DataType DataType { get; } = type;

    /// <summary>Returns a view of some elements of the first axis.</summary>
    /// <param name="start">The first element, in [0, first axis].</param>
    /// <param name="count">How many elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The elements are not all there.</exception>
    public Tensor Slice(int start, int count)
    {
        var rows = Shape[0];
        if (start < 0 || count < 0 || start > rows - count)
            throw new ArgumentOutOfRangeException(
                null, $"Slice: {start} to {(long)start + count} asked of a tensor {Shape}.");
        return View(Shape.WithRows(count), start * Shape.RowLength);
    }

    /// <summary>Returns a view of the same numbers under another shape.</summary>
    /// <param name="shape">A shape with the same count.</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> shape)
    {
        var view = new Shape(shape);
        if (view.Count != Shape.Count)
            throw new ArgumentException($"Reshape: {Shape} holds {Shape.Count} numbers, {view} holds {view.Count}.");
        return View(view, 0);
    }

    /// <summary>Frees the numbers, unless they belong to somebody else.</summary>
    public abstract void Dispose();

    /// <summary>Makes a view that starts <paramref name="offset"/> numbers into this tensor; both arguments are
    /// checked.</summary>
    protected abstract Tensor View(Shape shape, long offset);

    /// <summary>Returns format and shape, for messages.</summary>
    public override string ToString() => $"{DataType} {Shape}";
}
