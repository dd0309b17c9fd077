namespace RatIlgpu.Tensors;

/// <summary>Numbers of one data type in the memory of one device, row major. Views, which <see cref="Slice"/> and
/// <see cref="Reshape"/> return, live only as long as the tensor they view.</summary>
/// <param name="shape">The lengths of the axes.</param>
/// <param name="type">The data type.</param>
/// <remarks>A view shares the numbers of its source; disposing a view does nothing.</remarks>
public abstract class Tensor(Shape shape, DataType type) : IDisposable
{
    /// <summary>Gets the lengths of the axes.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>Gets the format in which the numbers are stored.</summary>
    public DataType DataType { get; } = type;

    /// <summary>Returns a view of some elements of the first axis, which lives only as long as this tensor.</summary>
    /// <param name="start">The first element, in [0, first axis].</param>
    /// <param name="count">How many elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor does not have all of these elements.</exception>
    public Tensor Slice(int start, int count)
    {
        var rows = Shape[0];
        if (start < 0 || count < 0 || start > rows - count)
            throw new ArgumentOutOfRangeException(
                nameof(start), $"Slice: {start} to {(long)start + count} asked of a tensor {Shape}.");
        return View(Shape.WithRows(count), start * Shape.RowLength);
    }

    /// <summary>Returns a view of the same numbers with another shape, which lives only as long as this
    /// tensor.</summary>
    /// <param name="shape">A shape with the same count.</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> shape)
    {
        var view = new Shape(shape);
        if (view.Count != Shape.Count)
            throw new ArgumentException($"Reshape: {Shape} holds {Shape.Count} numbers, {view} holds {view.Count}.");
        return View(view, 0);
    }

    /// <summary>Frees the numbers, unless this is a view.</summary>
    public abstract void Dispose();

    /// <summary>Makes a view; the caller has checked both arguments.</summary>
    /// <param name="shape">The shape of the view.</param>
    /// <param name="offset">The numbers of this tensor before the first number of the view.</param>
    protected abstract Tensor View(Shape shape, long offset);

    /// <summary>Returns data type and shape, such as <c>F32 [2, 3]</c>.</summary>
    public override string ToString() => $"{DataType} {Shape}";
}
