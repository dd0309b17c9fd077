using System.Runtime.CompilerServices;
using ILGPU.Runtime.OpenCL;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>A device keeps a book of its memory, and frees what nobody refers to before it refuses.</summary>
public sealed class MemoryBookTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_driver_is_asked_once_how_much_is_free_and_again_where_that_is_too_little(bool grouped)
    {
        using var device = Open(grouped);
        for (var i = 1; i < 9; i++)
            device.Allocate(i * 1000).Dispose();
        Assert.Equal((8, 1), (device.DriverAllocations, device.MemoryReadings));

        // Where the book says too little, and once more after what nobody refers to was freed.
        Assert.Throws<InsufficientMemoryException>(() => Refused(device));
        var readings = device.MemoryReadings;
        Assert.InRange(readings, 2, 4);
        device.Allocate(100_000).Dispose();
        Assert.Equal(readings, device.MemoryReadings);
    }

    [Fact]
    public void A_refusal_of_the_driver_makes_the_book_right_again()
    {
        using var device = Open(grouped: true);
        device.Allocate(1000).Dispose();
        var refusals = 1;
        device.BeforeCall = call =>
        {
            if (call == DriverCall.Allocate && refusals-- > 0)
                throw new CLException(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE);
        };
        device.Allocate(2000).Dispose();
        Assert.Equal((3, 2), (device.DriverAllocations, device.MemoryReadings));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_activation_gets_the_memory_of_tensors_that_nobody_refers_to(bool grouped) =>
        GetsWhatIsDropped(grouped, device => device.Allocate(777).Dispose());

    [Fact]
    public void A_weight_gets_the_memory_of_tensors_that_nobody_refers_to() => GetsWhatIsDropped(true, device =>
    {
        using var source = HostTensor.Allocate(new Shape(5));
        device.Load(source).Dispose();
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Row_numbers_get_the_memory_of_tensors_that_nobody_refers_to(bool grouped)
    {
        using var source = HostTensor.Allocate(new Shape(2, 3));
        using var device = Open(grouped);
        using Tensor weight = device.Load(source), result = device.Allocate(1, 3);
        GetsWhatIsDropped(device, () => device.Gather(weight, [1], result));
    }

    [Fact]
    public void Scratch_gets_the_memory_of_tensors_that_nobody_refers_to()
    {
        using var device = Open(grouped: false);
        using Tensor query = device.Allocate(2, 1, 4), result = device.Allocate(1, 2, 2);
        device.Fill(1, query);
        GetsWhatIsDropped(device, () => device.Pattern(query, query, Visibility.Causal, result));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_freed_or_forgotten_is_out_of_the_book_once(bool grouped)
    {
        var device = Open(grouped);
        using var source = HostTensor.Allocate(new Shape(5));

        // On the CPU accelerator of one thread a weight lies where it is.
        var weight = device.Load(source);
        Assert.Equal(grouped ? 20 : 0, device.UsedBytes);
        var kept = device.Allocate(1000);
        var before = device.UsedBytes;
        using (device.Allocate(2000))
            Assert.Equal(before + 8192, device.UsedBytes);
        Assert.Equal(before, device.UsedBytes);
        var dropped = Drop(device, 3000);
        Assert.Equal(before + 12_288, device.UsedBytes);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.False(dropped.IsAlive);
        Assert.Equal(before, device.UsedBytes);
        weight.Dispose();
        weight.Dispose();
        device.Dispose();
        kept.Dispose();
        kept.Dispose();
        Assert.Equal(0, device.UsedBytes);
    }

    [Fact]
    public void The_garbage_collector_frees_in_time_what_the_memory_of_this_process_holds()
    {
        using var device = Open(grouped: false);
        const int Count = 2000;
        long most = 0;
        for (var i = 0; i < Count; i++)
        {
            Fill(device);
            most = Math.Max(most, device.UsedBytes);
        }

        // 2,000 MiB were allocated, and none of it was disposed: of 512 MiB used, nothing is left.
        Assert.InRange(most, 1 << 20, 512 << 20);
    }

    static void GetsWhatIsDropped(bool grouped, Action<IlgpuDevice> use)
    {
        using var device = Open(grouped);
        GetsWhatIsDropped(device, () => use(device));
    }

    // The driver refuses all memory as long as a tensor that nobody refers to has some.
    static void GetsWhatIsDropped(IlgpuDevice device, Action use)
    {
        var dropped = Drop(device, 100_000);
        var refusals = 0;
        device.BeforeCall = call =>
        {
            if (call == DriverCall.Allocate && dropped.IsAlive)
                throw new CLException(refusals++ == 0
                    ? CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE
                    : CLError.CL_OUT_OF_HOST_MEMORY);
        };
        use();
        Assert.Equal(1, refusals);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static WeakReference Drop(Device device, int count) => new(device.Allocate(count));

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Fill(Device device) => device.Fill(1, device.Allocate(1 << 18));

    static void Refused(Device device) => device.Allocate(int.MaxValue, int.MaxValue / 4);

    static IlgpuDevice Open(bool grouped) =>
        (IlgpuDevice)(grouped ? GroupedOnCpu.Open<WarpReduction>() : IlgpuDevices.Open("ilgpu-cpu"));
}
