using System.Runtime.InteropServices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Rows of numbers that stay in the memory of the device that computed them until somebody reads them, or
/// until the device is disposed. Numbers of a device that computes in the memory of this process lie in an array from
/// the beginning.</summary>
/// <remarks>Support code for the project's own packages. Numbers that nobody refers to any more are freed by the
/// garbage collector.</remarks>
public sealed class HeldNumbers : IDisposable
{
    readonly Lock gate = new();
    readonly Device? device;
    Tensor? tensor;
    int users;
    Exception? failure;
    volatile float[]? values;

    /// <summary>Makes numbers that lie in the memory of this process.</summary>
    /// <param name="width">The numbers of a row.</param>
    /// <param name="values"><c>[rows, width]</c>.</param>
    public HeldNumbers(int width, ImmutableArray<float> values) =>
        (Width, Rows, this.values) = (width, values.Length / width, ImmutableCollectionsMarshal.AsArray(values));

    HeldNumbers(Device device, Tensor tensor)
    {
        (Rows, Width, this.device, this.tensor) = (tensor.Shape[0], tensor.Shape[1], device, tensor);
        device.Hold(this);
    }

    /// <summary>Gets the number of rows.</summary>
    public int Rows { get; }

    /// <summary>Gets the numbers of a row.</summary>
    public int Width { get; }

    /// <summary>Gets all numbers, <c>[rows, width]</c>. The first reading downloads them, and frees the memory of the
    /// device.</summary>
    /// <exception cref="ObjectDisposedException">The numbers were disposed before anybody read them.</exception>
    /// <exception cref="InvalidOperationException">The device failed when it was disposed, and the numbers are
    /// lost.</exception>
    public ImmutableArray<float> Values => ImmutableCollectionsMarshal.AsImmutableArray(values ?? Read());

    /// <summary>Copies rows of a tensor.</summary>
    /// <param name="source"><c>[rows, width]</c>, F32.</param>
    /// <param name="rows">The rows to copy, in any order.</param>
    /// <param name="device">The device of the tensor.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row is not there.</exception>
    /// <exception cref="OverflowException">The rows have more than 2³¹ − 1 numbers.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory for the copy.</exception>
    public static HeldNumbers Copy(Tensor source, ReadOnlySpan<int> rows, Device device)
    {
        var count = checked(rows.Length * source.Shape[1]);
        if (device is HostDevice)
            return new(source.Shape[1], ImmutableCollectionsMarshal.AsImmutableArray(ToArray(source, rows, device)));
        var copy = device.Allocate(rows.Length, source.Shape[1]);
        try
        {
            if (count > 0 && RunLength(rows) == rows.Length)
                device.Copy(source.Slice(rows[0], rows.Length), copy);
            else
                device.Gather(source, rows, copy);
            return new(device, copy);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Tells whether the numbers lie in the memory of a device.</summary>
    internal bool LieOn(Device asked)
    {
        lock (gate)
            return tensor is not null && device == asked;
    }

    /// <summary>Returns the numbers as a tensor of a device: where they lie, if it is the device that computed them or
    /// one that can use them in the memory of this process; else a copy. The caller disposes the tensor's
    /// holder.</summary>
    /// <exception cref="OutOfMemoryException">The device does not have that much memory.</exception>
    public NumbersOnDevice On(Device asked)
    {
        lock (gate)
            if (tensor is not null && device == asked)
            {
                users++;
                return new(tensor, Release);
            }

        return Load(asked, new Shape(Rows, Width), values ?? Read());
    }

    /// <summary>Frees the memory of the device. Numbers that nobody has read can no longer be read.</summary>
    public void Dispose()
    {
        lock (gate)
            Free();
    }

    /// <summary>Reads the numbers before their device is disposed. A device that fails may be disposed, too.</summary>
    internal void Rescue()
    {
        if (failure is not null)
            return;
        try
        {
            _ = Values;
        }
        catch (Exception reason)
        {
            failure = reason;
        }
    }

    float[] Read()
    {
        lock (gate)
        {
            if (values is { } known)
                return known;
            if (failure is not null)
                throw new InvalidOperationException(
                    $"The numbers were lost when {device!.Name} was disposed: {failure.Message}", failure);
            ObjectDisposedException.ThrowIf(tensor is null, this);
            var read = device!.Download(tensor);
            values = read;
            if (users == 0)
                Free();
            return read;
        }
    }

    void Release()
    {
        lock (gate)
            if (--users == 0 && values is not null)
                Free();
    }

    void Free()
    {
        tensor?.Dispose();
        tensor = null;
        device?.Forget(this);
    }

    static NumbersOnDevice Load(Device device, Shape shape, float[] numbers)
    {
        var memory = new PinnedArray(numbers);
        try
        {
            var here = HostTensor.Over(shape, DataType.F32, memory);
            var loaded = device.Load(here);
            return new(loaded, () =>
            {
                if (loaded != here)
                    loaded.Dispose();
                memory.Dispose();
            });
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    static float[] ToArray(Tensor source, ReadOnlySpan<int> rows, Device device)
    {
        var width = source.Shape[1];
        // Every number is written: memory of many megabytes is not cleared before.
        var numbers = GC.AllocateUninitializedArray<float>(rows.Length * width);
        for (int start = 0, count; start < rows.Length; start += count)
        {
            count = RunLength(rows[start..]);
            device.Download(source.Slice(rows[start], count), numbers.AsSpan(start * width, count * width));
        }

        return numbers;
    }

    // How many rows from the first on follow each other.
    static int RunLength(ReadOnlySpan<int> rows)
    {
        var count = Math.Min(1, rows.Length);
        while (count < rows.Length && rows[count] == rows[count - 1] + 1)
            count++;
        return count;
    }

    // Managed memory that does not move.
    sealed class PinnedArray : SafeBuffer
    {
        readonly GCHandle pin;

        public PinnedArray(float[] numbers)
            : base(ownsHandle: true)
        {
            pin = GCHandle.Alloc(numbers, GCHandleType.Pinned);
            SetHandle(pin.AddrOfPinnedObject());
            Initialize((ulong)numbers.Length * sizeof(float));
        }

        protected override bool ReleaseHandle()
        {
            pin.Free();
            return true;
        }
    }
}
