using System.Runtime.InteropServices;

namespace RatIlgpu.Tensors;

/// <summary>A tensor in the memory of this process: allocated here, in a mapped file, or over memory of a
/// device.</summary>
public sealed unsafe class HostTensor : Tensor
{
    // The tensor this one is a view of, or the memory it lies in; null if the tensor allocated its own memory.
    readonly object? owner;

    // Where the block of the tensor came from and goes back to; null if from the system.
    readonly TensorMemory? memory;
    readonly long bytes;

    // Of the first number; 0 once the memory is freed.
    nint address;

    HostTensor(Shape shape, DataType type, byte* data, object owner)
        : base(shape, type)
    {
        (address, this.owner) = ((nint)data, owner);
        GC.SuppressFinalize(this);
    }

    HostTensor(Shape shape, DataType type, MemoryBlock block, TensorMemory? memory)
        : base(shape, type) => ((address, bytes), this.memory) = (block, memory);

    /// <summary>Frees the memory of a tensor that was not disposed.</summary>
    ~HostTensor()
    {
        if (!TryDetach(out var block))
            return;
        if (memory is null)
            block.Free();
        else
            memory.Lose(block);
    }

    /// <summary>Gets the numbers of an F32 tensor as one span.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another data type.</exception>
    /// <exception cref="OverflowException">The tensor has more than 2³¹ − 1 numbers; take a part with
    /// <see cref="AsSpan"/>.</exception>
    /// <exception cref="ObjectDisposedException">The tensor was disposed, or the memory it lies in.</exception>
    public Span<float> Floats => this switch
    {
        { DataType: not DataType.F32 } => throw new InvalidOperationException($"The numbers are {DataType}, not F32."),
        { Shape.Count: > int.MaxValue } => throw new OverflowException(
            $"The tensor {Shape} has more numbers than the {int.MaxValue} that one span holds; take a part."),
        _ => AsSpan<float>(0, (int)Shape.Count),
    };

    /// <summary>Gets the address of the first number.</summary>
    internal byte* Data
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsFreed && Shape.Count > 0, this);
            return (byte*)address;
        }
    }

    // A view has no memory of its own: the memory of its source may have been freed.
    bool IsFreed => address == 0 || owner is HostTensor { address: 0 } or SafeBuffer { IsClosed: true };

    /// <summary>Allocates a tensor whose numbers are not set.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="type">The data type of the numbers.</param>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public static HostTensor Allocate(Shape shape, DataType type = DataType.F32) =>
        new(shape, type, MemoryBlock.Allocate(BytesOf(shape, type)), memory: null);

    /// <summary>Allocates an F32 tensor in the memory of a device, whose numbers are not set.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    internal static HostTensor Allocate(Shape shape, TensorMemory memory) =>
        new(shape, DataType.F32, memory.Take(BytesOf(shape, DataType.F32)), memory);

    /// <summary>Makes a tensor over memory that was allocated or mapped elsewhere; disposing the tensor does not free
    /// it.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="type">The data type of the numbers.</param>
    /// <param name="memory">The memory, which the tensor keeps alive. The tensor must not be used after
    /// <paramref name="memory"/> is disposed.</param>
    /// <param name="offset">The bytes before the first number, in [0, length of <paramref name="memory"/>].</param>
    /// <exception cref="ArgumentOutOfRangeException">The numbers do not lie in <paramref name="memory"/>.</exception>
    /// <exception cref="ArgumentException">The address of the first number is not a multiple of the size of a
    /// number.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="memory"/> was disposed.</exception>
    public static HostTensor Over(Shape shape, DataType type, SafeBuffer memory, long offset = 0)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, memory);
        // In numbers: the bytes of a shape may be more than a long counts.
        var length = memory.ByteLength;
        if (offset < 0 || (ulong)offset > length
            || (ulong)shape.Count > (length - (ulong)offset) / (ulong)type.Size())
            throw new ArgumentOutOfRangeException(
                nameof(offset), $"{type} {shape} at byte {offset} ends beyond the {length} bytes of the memory.");
        // Without counting a reference: a mapped file that was never disposed would otherwise stay mapped.
        var data = (byte*)memory.DangerousGetHandle() + offset;
        if ((nuint)data % (nuint)type.Size() != 0)
            throw new ArgumentException($"{type} {shape} at byte {offset} is not aligned to a number.", nameof(offset));
        return new HostTensor(shape, type, data, memory);
    }

    /// <summary>Makes an F32 tensor with these numbers.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="values">As many numbers as <paramref name="shape"/> holds.</param>
    /// <exception cref="ArgumentException">The counts differ.</exception>
    public static HostTensor Of(Shape shape, ReadOnlySpan<float> values)
    {
        if (values.Length != shape.Count)
            throw new ArgumentException($"{shape} holds {shape.Count} numbers, {values.Length} given.", nameof(values));
        var tensor = Allocate(shape);
        values.CopyTo(tensor.Floats);
        return tensor;
    }

    /// <summary>Returns a part of the numbers as they are stored. The span is valid only as long as the tensor and the
    /// memory it lies in are not disposed.</summary>
    /// <typeparam name="T">A type as large as one number: <see cref="float"/> for F32, <see cref="Half"/> for F16,
    /// <see cref="ushort"/> for BF16, <see cref="double"/> for F64; or <see cref="byte"/>.</typeparam>
    /// <param name="start">The first number, in [0, count of the shape]; a byte if <typeparamref name="T"/> is
    /// <see cref="byte"/>.</param>
    /// <param name="length">How many numbers or bytes; parts of a tensor that is larger than a span can be read one
    /// after the other.</param>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not as large as a number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the tensor.</exception>
    /// <exception cref="ObjectDisposedException">The tensor was disposed, or the memory it lies in.</exception>
    public Span<T> AsSpan<T>(long start, int length)
        where T : unmanaged
    {
        if (sizeof(T) != DataType.Size() && typeof(T) != typeof(byte))
            throw new InvalidOperationException(
                $"The numbers are {DataType}, of {DataType.Size()} bytes; {typeof(T).Name} has {sizeof(T)}.");
        var count = Shape.Count * DataType.Size() / sizeof(T);
        if (start < 0 || length < 0 || start > count - length)
            throw new ArgumentOutOfRangeException(
                nameof(start), $"AsSpan: {start} to {start + length} asked of {count} in a tensor {Shape}.");
        return new Span<T>((T*)Data + start, length);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        GC.SuppressFinalize(this);
        if (!TryDetach(out var block))
            return;
        if (memory is null)
            block.Free();
        else
            memory.Give(block);
    }

    /// <inheritdoc/>
    protected override Tensor View(Shape shape, long offset) =>
        new HostTensor(shape, DataType, Data + offset * DataType.Size(), owner ?? this);

    // Once, even if two threads dispose the tensor: a block that came back twice would be given to two tensors.
    bool TryDetach(out MemoryBlock block)
    {
        block = new(owner is null ? Interlocked.Exchange(ref address, 0) : 0, bytes);
        return block.Address != 0;
    }

    static long BytesOf(Shape shape, DataType type) => shape.Count <= nint.MaxValue / type.Size()
        ? shape.Count * type.Size()
        : throw new OutOfMemoryException($"{type} {shape} takes more bytes than there are addresses.");
}
