using System.Runtime.InteropServices;

namespace RatIlgpu.Tensors;

/// <summary>A tensor in the memory of this process: allocated here, or lying in a mapped file.</summary>
public sealed unsafe class HostTensor : Tensor
{
    // Whole cache lines: a vector load of an aligned row never crosses one.
    const nuint Alignment = 64;

    readonly object? owner;
    byte* data;
    bool owns;

    HostTensor(Shape shape, DataType format, byte* data, object? owner, bool owns)
        : base(shape, format)
    {
        this.data = data;
        this.owner = owner;
        this.owns = owns;
        if (!owns)
            GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of a tensor that nobody disposed.</summary>
    ~HostTensor() => Free();

    /// <summary>Gets where the numbers start.</summary>
    /// <exception cref="ObjectDisposedException">The tensor was disposed, or the one it is a view of.</exception>
    public byte* Data
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsFreed && Shape.Count > 0, this);
            return data;
        }
    }

    /// <summary>Allocates a tensor whose numbers are not set.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public static HostTensor Allocate(Shape shape, DataType format = DataType.F32)
    {
        var bytes = checked((nuint)shape.Count * (nuint)format.Size());
        var data = (byte*)NativeMemory.AlignedAlloc(Math.Max(bytes, 1), Alignment);
        return new HostTensor(shape, format, data, owner: null, owns: true);
    }

    /// <summary>Makes a tensor over memory that <paramref name="owner"/> keeps alive.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="format">The format of the numbers at <paramref name="data"/>.</param>
    /// <param name="data">Where the numbers start; aligned to one number at least.</param>
    /// <param name="owner">What must stay reachable as long as the tensor is.</param>
    public static HostTensor Over(Shape shape, DataType format, byte* data, object owner) =>
        new(shape, format, data, owner, owns: false);

    /// <summary>Makes an F32 tensor with these numbers.</summary>
    public static HostTensor Of(Shape shape, ReadOnlySpan<float> values)
    {
        if (values.Length != shape.Count)
            throw new ArgumentException($"{shape} holds {shape.Count} numbers, {values.Length} given.", nameof(values));
        var tensor = Allocate(shape);
        values.CopyTo(tensor.Floats);
        return tensor;
    }

    /// <summary>Gets the numbers of an F32 tensor that fits a span.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another format.</exception>
    /// <exception cref="OverflowException">The tensor has more than 2³¹ − 1 numbers.</exception>
    public Span<float> Floats => DataType == DataType.F32
        ? new Span<float>(Data, checked((int)Shape.Count))
        : throw new InvalidOperationException($"The numbers are {DataType}, not F32.");

    // A view has no memory of its own: what it lies in may have been freed.
    bool IsFreed => data == null || owner is HostTensor { data: null };

    /// <inheritdoc/>
    public override void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override Tensor View(Shape shape, long offset) =>
        new HostTensor(shape, DataType, Data + offset * DataType.Size(), owner ?? this, owns: false);

    void Free()
    {
        if (!owns)
            return;
        owns = false;
        NativeMemory.AlignedFree(data);
        data = null;
    }
}
