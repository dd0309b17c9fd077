using RatIlgpu.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Devices;

/// <summary>A device that computes in the memory of this process.</summary>
public abstract unsafe class HostDevice : Device
{
    readonly TensorMemory memory;

    /// <param name="memory">The memory of the tensors, which is disposed with the device; null for the usual.</param>
    internal HostDevice(TensorMemory? memory = null) => this.memory = memory ?? new();

    /// <inheritdoc/>
    public sealed override Tensor Allocate(Shape shape) => HostTensor.Allocate(shape, memory);

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        memory.Dispose();
    }

    /// <inheritdoc/>
    protected sealed override Tensor LoadCore(HostTensor source) => source;

    /// <inheritdoc/>
    protected sealed override void UploadCore(ReadOnlySpan<float> source, Tensor destination) =>
        source.CopyTo(Host(destination).Floats);

    /// <inheritdoc/>
    protected override void DownloadCore(Tensor source, Span<float> destination) =>
        Host(source).Floats.CopyTo(destination);

    /// <inheritdoc/>
    protected override void CopyCore(Tensor source, Tensor destination)
    {
        var bytes = source.Shape.Count * sizeof(float);
        Buffer.MemoryCopy(Host(source).Data, Host(destination).Data, bytes, bytes);
    }

    /// <inheritdoc/>
    protected sealed override void FillCore(float value, Tensor destination)
    {
        var numbers = FloatsOf(destination);
        for (long start = 0, count = destination.Shape.Count; start < count; start += int.MaxValue)
            new Span<float>(numbers + start, (int)Math.Min(int.MaxValue, count - start)).Fill(value);
    }

    internal static HostTensor Host(Tensor tensor) => tensor as HostTensor
        ?? throw new ArgumentException($"A tensor {tensor} of another device was given, expected one in host memory.");

    /// <summary>Returns <c>log Σ exp(x)</c>, added up in double; not finite if a number is NaN or +∞, or none is
    /// finite.</summary>
    internal static double LogSumExp(ReadOnlySpan<float> row)
    {
        if (row.IsEmpty)
            return double.NegativeInfinity;
        double largest = TensorPrimitives.Max(row);
        var sum = 0.0;
        foreach (var number in row)
            sum += Math.Exp(number - largest);
        return largest + Math.Log(sum);
    }

    // Not HostTensor.Floats: a span has at most 2³¹ − 1 numbers, the logits of a long prompt have more.
    private protected static float* FloatsOf(Tensor tensor) => (float*)Host(tensor).Data;
}
