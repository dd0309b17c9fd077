using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>Allocates operands on a device, each in a frame of numbers that no operation may change.</summary>
/// <param name="device">The device.</param>
/// <param name="frame">The numbers before and after each operand.</param>
sealed unsafe class Workbench(Device device, int frame = Workbench.OddFrame) : IDisposable
{
    /// <summary>A frame behind which no vector is aligned.</summary>
    public const int OddFrame = 3;

    /// <summary>A frame behind which vectors of four and of eight are aligned.</summary>
    public const int EvenFrame = 8;

    const float Untouched = -123.5f;

    readonly List<Tensor> tensors = [];
    readonly Dictionary<Tensor, Tensor> framed = [];

    public Device Device => device;

    /// <summary>Computes on a workbench of its own.</summary>
    public static float[] On(Device device, Func<Workbench, float[]> run, int frame = OddFrame)
    {
        using var bench = new Workbench(device, frame);
        return run(bench);
    }

    /// <summary>Uploads numbers.</summary>
    public Tensor Put(float[] numbers, params ReadOnlySpan<int> shape)
    {
        var view = Allocate(shape);
        device.Upload(numbers, view);
        return view;
    }

    /// <summary>Allocates an operand whose numbers are not set.</summary>
    public Tensor Allocate(params ReadOnlySpan<int> shape)
    {
        var count = checked((int)new Shape(shape).Count);
        var whole = device.Allocate(count + 2 * frame);
        device.Fill(Untouched, whole);
        var view = whole.Slice(frame, count).Reshape(shape);
        tensors.Add(whole);
        framed.Add(view, whole);
        return view;
    }

    /// <summary>Loads numbers as weights, rounded towards zero to the data type.</summary>
    public Tensor Weights(DataType format, float[] numbers, params ReadOnlySpan<int> shape)
    {
        var whole = HostTensor.Allocate(new Shape(numbers.Length + frame), format);
        for (var i = 0; i < numbers.Length; i++)
            Store(whole, i + frame, numbers[i]);
        var placed = device.Load((HostTensor)whole.Slice(frame, numbers.Length).Reshape(shape));
        tensors.AddRange([whole, placed]);
        return placed;
    }

    /// <summary>Downloads an operand of <see cref="Put"/> or <see cref="Allocate"/>, and asserts that its frame is
    /// unchanged.</summary>
    public float[] Read(Tensor view)
    {
        var whole = device.Download(framed[view]);
        Assert.All(whole[..frame], number => Assert.Equal(Untouched, number));
        Assert.All(whole[^frame..], number => Assert.Equal(Untouched, number));
        return whole[frame..^frame];
    }

    public void Dispose()
    {
        foreach (var tensor in tensors)
            tensor.Dispose();
    }

    static void Store(HostTensor tensor, int index, float number)
    {
        if (tensor.DataType == DataType.F32)
            ((float*)tensor.Data)[index] = number;
        else if (tensor.DataType == DataType.F16)
            ((Half*)tensor.Data)[index] = (Half)number;
        else
            ((ushort*)tensor.Data)[index] = (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);
    }
}
