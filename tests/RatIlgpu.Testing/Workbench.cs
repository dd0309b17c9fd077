using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>Lays out operands on a device, each at an odd offset in a frame that no operation may touch.</summary>
sealed unsafe class Workbench(Device device) : IDisposable
{
    const int Frame = 3;
    const float Untouched = -123.5f;

    readonly List<Tensor> tensors = [];
    readonly Dictionary<Tensor, Tensor> framed = [];

    public Device Device => device;

    /// <summary>Runs something on a workbench of its own.</summary>
    public static float[] On(Device device, Func<Workbench, float[]> run)
    {
        using var bench = new Workbench(device);
        return run(bench);
    }

    /// <summary>Uploads numbers.</summary>
    public Tensor Put(float[] numbers, params ReadOnlySpan<int> shape)
    {
        var view = Room(shape);
        device.Upload(numbers, view);
        return view;
    }

    /// <summary>Allocates room whose numbers are not set.</summary>
    public Tensor Room(params ReadOnlySpan<int> shape)
    {
        var count = checked((int)new Shape(shape).Count);
        var whole = device.Allocate(count + 2 * Frame);
        device.Fill(Untouched, whole);
        var view = whole.Rows(Frame, count).As(shape);
        tensors.Add(whole);
        framed.Add(view, whole);
        return view;
    }

    /// <summary>Places numbers as weights, rounded towards zero to the format.</summary>
    public Tensor Weights(NumberFormat format, float[] numbers, params ReadOnlySpan<int> shape)
    {
        var whole = HostTensor.Allocate(new Shape(numbers.Length + Frame), format);
        for (var i = 0; i < numbers.Length; i++)
            Store(whole, i + Frame, numbers[i]);
        var placed = device.Place((HostTensor)whole.Rows(Frame, numbers.Length).As(shape));
        tensors.AddRange([whole, placed]);
        return placed;
    }

    /// <summary>Downloads what <see cref="Put"/> or <see cref="Room"/> made, and asserts that its frame is untouched.
    /// </summary>
    public float[] Read(Tensor view)
    {
        var whole = device.Download(framed[view]);
        Assert.All(whole[..Frame], number => Assert.Equal(Untouched, number));
        Assert.All(whole[^Frame..], number => Assert.Equal(Untouched, number));
        return whole[Frame..^Frame];
    }

    public void Dispose()
    {
        foreach (var tensor in tensors)
            tensor.Dispose();
    }

    static void Store(HostTensor tensor, int index, float number)
    {
        if (tensor.Format == NumberFormat.F32)
            ((float*)tensor.Data)[index] = number;
        else if (tensor.Format == NumberFormat.F16)
            ((Half*)tensor.Data)[index] = (Half)number;
        else
            ((ushort*)tensor.Data)[index] = (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);
    }
}
