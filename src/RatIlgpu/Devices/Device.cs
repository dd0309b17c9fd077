using RatIlgpu.Tensors;

namespace RatIlgpu;

/// <summary>Computes the operations of a model on tensors.</summary>
/// <remarks>Every public operation checks shapes and data types, and calls a protected <c>…Core</c> method, which only
/// computes. Sources come first, then settings, then the destination. An operation writes its whole destination, unless
/// it says that it adds to the destination, or changes some rows of it. Activations are F32; weights are F32, F16 or
/// BF16 and are used as stored. Sums have a fixed order: the same call gives the same bits again. One thread at a time
/// may use a device.
/// <para>In attention the queries are always the last of the sequence: with K keys and Q queries, query <c>i</c> stands
/// at position <c>K − Q + i</c>. Query head <c>h</c> of H reads key/value head
/// <c>h div (H / keyHeads)</c>.</para></remarks>
public abstract partial class Device : IDisposable
{
    /// <summary>Gets the name of the device on the command line, such as <c>cpu</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Gets a line about the hardware and its use.</summary>
    public abstract string Description { get; }

    /// <summary>Gets the number of threads, at least 1, that may read what the device computed: its own where it
    /// computes with threads, else one for each core.</summary>
    public virtual int ThreadCount => Environment.ProcessorCount;

    /// <summary>Allocates an F32 tensor whose numbers are not set.</summary>
    /// <exception cref="OutOfMemoryException">The device does not have that much memory.</exception>
    public abstract Tensor Allocate(Shape shape);

    /// <summary>Allocates an F32 tensor whose numbers are not set.</summary>
    /// <param name="shape">The lengths of the axes.</param>
    /// <exception cref="OutOfMemoryException">The device does not have that much memory.</exception>
    public Tensor Allocate(params ReadOnlySpan<int> shape) => Allocate(new Shape(shape));

    /// <summary>Loads a tensor of this process, such as mapped weights, into the memory of the device, as it is
    /// stored.</summary>
    /// <param name="source">F32, F16 or BF16. A device that computes in host memory returns this tensor itself.</param>
    /// <exception cref="ArgumentException">The data type is F64.</exception>
    public Tensor Load(HostTensor source)
    {
        if (source.DataType == DataType.F64)
            throw new ArgumentException("Load: the source is F64, expected F32, F16 or BF16.", nameof(source));
        return LoadCore(source);
    }

    /// <summary>Copies numbers to an F32 tensor.</summary>
    /// <param name="source">As many numbers as <paramref name="destination"/> has.</param>
    /// <param name="destination">Any shape.</param>
    /// <exception cref="ArgumentException">The counts differ, or the tensor is not F32.</exception>
    public void Upload(ReadOnlySpan<float> source, Tensor destination)
    {
        if (destination.Shape.Count != source.Length)
            throw Unfit(nameof(Upload), $"{source.Length} numbers given for a destination {destination.Shape}");
        NeedFloats(destination, nameof(Upload), nameof(destination));
        UploadCore(source, destination);
        KeepAlive(destination);
    }

    /// <summary>Copies the numbers of an F32 tensor to a span.</summary>
    /// <param name="source">Any shape.</param>
    /// <param name="destination">As many numbers as <paramref name="source"/> has.</param>
    /// <exception cref="ArgumentException">The counts differ, or the tensor is not F32.</exception>
    public void Download(Tensor source, Span<float> destination)
    {
        if (source.Shape.Count != destination.Length)
            throw Unfit(nameof(Download), $"a source {source.Shape} does not fit {destination.Length} numbers");
        NeedFloats(source, nameof(Download), nameof(source));
        DownloadCore(source, destination);
        KeepAlive(source);
    }

    /// <summary>Returns a copy of the numbers of an F32 tensor.</summary>
    /// <exception cref="ArgumentException">The tensor is not F32.</exception>
    public float[] Download(Tensor source)
    {
        var numbers = new float[source.Shape.Count];
        Download(source, numbers);
        return numbers;
    }

    /// <summary>Frees the memory and threads of the device. Tensors of the device must be disposed before; recordings
    /// are downloaded.</summary>
    public virtual void Dispose()
    {
        RescueHeld();
        GC.SuppressFinalize(this);
    }

    /// <summary>Computes <see cref="Load"/>.</summary>
    protected abstract Tensor LoadCore(HostTensor source);

    /// <summary>Computes <see cref="Upload"/>.</summary>
    protected abstract void UploadCore(ReadOnlySpan<float> source, Tensor destination);

    /// <summary>Computes <see cref="Download(Tensor, Span{float})"/>.</summary>
    protected abstract void DownloadCore(Tensor source, Span<float> destination);

    // Keeps tensors from being finalised before an operation ends: a core works on their addresses.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void KeepAlive(params ReadOnlySpan<Tensor?> tensors) => _ = tensors.Length;

    static ArgumentException Unfit(string operation, string found) => new($"{operation}: {found}.");

    static void NeedFloats(Tensor tensor, string operation, string operand)
    {
        if (tensor.DataType != DataType.F32)
            throw new ArgumentException($"{operation}: {operand} is {tensor.DataType}, expected F32.");
    }

    static void NeedWeights(Tensor tensor, string operation, string operand)
    {
        if (tensor.DataType == DataType.F64)
            throw new ArgumentException($"{operation}: {operand} is F64, expected F32, F16 or BF16.");
    }

    static void NeedShape(Tensor tensor, Shape expected, string operation, string operand)
    {
        if (tensor.Shape != expected)
            throw new ArgumentException($"{operation}: {operand} is {tensor.Shape}, expected {expected}.");
    }

    static void NeedFloats(Tensor tensor, Shape expected, string operation, string operand)
    {
        NeedShape(tensor, expected, operation, operand);
        NeedFloats(tensor, operation, operand);
    }

    static void NeedRows(
        string operation, ReadOnlySpan<int> rows, int count, FormattableString of, string name = "rows")
    {
        foreach (var row in rows)
            if ((uint)row >= (uint)count)
                throw new ArgumentOutOfRangeException(name, FormattableString.Invariant(
                    $"{operation}: row {row} asked of {of}."));
    }

    static void NeedRank(Tensor tensor, int rank, string operation, string operand)
    {
        if (tensor.Shape.Rank != rank)
            throw new ArgumentException($"{operation}: {operand} is {tensor.Shape}, expected {rank} axes.");
    }
}
