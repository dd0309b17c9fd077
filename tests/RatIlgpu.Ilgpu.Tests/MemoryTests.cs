using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using RatIlgpu.Devices;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Devices refuse allocations that do not fit, and tensors whose memory was freed.</summary>
public sealed partial class MemoryTests
{
    [Fact]
    public void What_does_not_fit_says_how_many_bytes_it_needs_and_how_many_are_free()
    {
        using var device = IlgpuDevices.Open("ilgpu-cpu");
        var before = FreeOf(device);
        using (device.Allocate(1 << 20))
            Assert.Equal(before - (4 << 20), FreeOf(device));
        Assert.Equal(before, FreeOf(device));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_trace_of_a_prompt_asks_the_driver_for_no_memory(bool grouped)
    {
        using var tiny = new TinyQwen2();
        using var device =
            (IlgpuDevice)(grouped ? GroupedOnCpu.Open<WarpReduction>() : IlgpuDevices.Open("ilgpu-cpu"));
        using var model = tiny.On(device);
        var first = Scores();
        var before = device.DriverAllocations;

        Assert.Equal(first, Scores());
        Assert.NotEqual(0, before);
        Assert.Equal(before, device.DriverAllocations);

        double[] Scores()
        {
            var ids = tiny.Prompt(12);
            using var attention = LayerAttention.Of(model, ids, 2, HeadAggregation.Mean);
            var paths = BeamSearch.Search(attention, ids.Length - 1, new());
            model.Run(ids, new());
            return [.. paths.Select(path => path.Score)];
        }
    }

    [Fact]
    public void Memory_of_a_tensor_that_was_disposed_is_that_of_the_next_of_its_size()
    {
        using var device = (IlgpuDevice)IlgpuDevices.Open("ilgpu-cpu");
        var old = device.Allocate(1000);
        old.Dispose();
        using (var other = device.Allocate(31, 32))
        {
            // 3,968 and 4,000 bytes are both rounded up to 4,096.
            Assert.Equal(1, device.DriverAllocations);
            device.Fill(1, other);
            Assert.Throws<ObjectDisposedException>(() => device.Fill(2, old));
            Assert.All(device.Download(other), number => Assert.Equal(1, number));
        }

        // Another size, and more of this size than is kept.
        using var larger = device.Allocate(2000);
        using var one = device.Allocate(1000);
        using var two = device.Allocate(1000);
        Assert.Equal(3, device.DriverAllocations);
    }

    [Theory]
    [InlineData(0, 256)]
    [InlineData(256, 256)]
    [InlineData(257, 288)]
    [InlineData(3584, 3584)]
    [InlineData(3585, 3840)]
    [InlineData(4096, 4096)]
    [InlineData((1 << 20) + 1, 9 << 17)]
    public void Sizes_are_rounded_up_by_an_eighth_at_most(long bytes, long size) =>
        Assert.Equal(size, MemoryPool.SizeFor(bytes));

    [Fact]
    public void A_pool_keeps_no_more_than_it_may()
    {
        using var accelerator = new ILGPU.Runtime.CPU.CPUDevice(2, 1, 1).CreateAccelerator(Accelerators.Context);
        var pool = new MemoryPool(1000, buffer => buffer.Dispose());
        var (a, b) = (accelerator.AllocateRaw(512, 1), accelerator.AllocateRaw(512, 1));
        pool.Give(a, 512);
        Assert.Equal(512, pool.Bytes);
        pool.Give(b, 512);
        Assert.Equal(512, pool.Bytes);
        Assert.True(a.IsDisposed);
        Assert.False(pool.TryTake(256, out _));
        Assert.True(pool.TryTake(512, out var taken));
        Assert.Same(b, taken);
        Assert.Equal(0, pool.Bytes);
        pool.Give(b, 512);
        pool.Clear();
        Assert.True(b.IsDisposed);
        Assert.Equal(0, pool.Bytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tensor_of_a_disposed_device_is_refused(bool grouped)
    {
        var device = grouped ? GroupedOnCpu.Open<WarpReduction>() : IlgpuDevices.Open("ilgpu-cpu");
        using var tensor = device.Allocate(8);
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Fill(1, tensor));
        Assert.Throws<ObjectDisposedException>(() => device.Download(tensor));
        Assert.Throws<ObjectDisposedException>(() => device.Upload(new float[8], tensor));
    }

    [Fact]
    public void Memory_that_nobody_refers_to_is_freed_when_it_is_needed()
    {
        using var device = IlgpuDevices.Open("ilgpu-cpu");
        var before = FreeOf(device);
        Drop(device);
        Assert.Equal(before, FreeOf(device));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_recording_outlives_its_device_and_has_the_numbers_of_one_that_was_read_before(bool grouped)
    {
        using var tiny = new TinyQwen2();
        var device = grouped ? GroupedOnCpu.Open<WarpReduction>() : IlgpuDevices.Open("ilgpu-cpu");
        var model = tiny.On(device);
        ImmutableArray<Analysis.Capture> captures =
            [new(Activation.Pattern) { Heads = [0, 4] }, new(Activation.ResidualAfter)];
        var (read, unread) = (Record(), Record());
        var before = read.Sites.Select(site => read[site].Values.ToArray()).ToList();
        model.Dispose();
        device.Dispose();
        Assert.Equal(before, unread.Sites.Select(site => unread[site].Values.ToArray()));

        Recording Record() => new Recorder(model).Record(tiny.Prompt(5), captures);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Drop(Device device) => device.Fill(1, device.Allocate(1 << 20));

    static long FreeOf(Device device)
    {
        var refusal = Assert.Throws<InsufficientMemoryException>(() => device.Allocate(1 << 20, 1 << 20)).Message;
        var said = Refusal().Match(refusal);
        Assert.True(said.Success, refusal);
        return long.Parse(said.Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^ilgpu-cpu: F32 \[1048576, 1048576\] needs 4,398,046,511,104 bytes, ([0-9,]+) are free;")]
    private static partial Regex Refusal();
}
