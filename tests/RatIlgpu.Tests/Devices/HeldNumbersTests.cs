using System.Runtime.CompilerServices;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Devices;

public sealed class HeldNumbersTests : IDisposable
{
    readonly WatchedDevice device = new();
    readonly Tensor source;

    public HeldNumbersTests()
    {
        source = device.Allocate(3, 2);
        device.Upload([1, 2, 3, 4, 5, 6], source);
    }

    public void Dispose()
    {
        source.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Stay_on_the_device_until_they_are_read_and_are_read_once()
    {
        var held = HeldNumbers.Copy(source, [2, 0], device);
        device.Fill(9, source);
        Assert.True(held.LieOn(device));
        Assert.Equal((0, 2), (device.Downloads, device.LiveCount));
        Assert.Equal([5, 6, 1, 2], held.Values);
        Assert.Equal([5, 6, 1, 2], held.Values);
        Assert.False(held.LieOn(device));
        Assert.Equal((1, 1), (device.Downloads, device.LiveCount));
    }

    [Fact]
    public void Rows_that_follow_each_other_are_copied_as_one()
    {
        using var two = HeldNumbers.Copy(source, [1, 2], device);
        using var turned = HeldNumbers.Copy(source, [2, 1], device);
        Assert.Equal(["Copy", "Gather"], device.Operations);
        Assert.Equal([3, 4, 5, 6], two.Values);
        Assert.Equal([5, 6, 3, 4], turned.Values);
    }

    [Fact]
    public void Are_used_where_they_lie()
    {
        using var held = HeldNumbers.Copy(source, [1], device);
        var before = (device.Uploads, device.Downloads, device.LiveCount);
        using (var first = held.On(device))
        using (var second = held.On(device))
            Assert.Same(first.Tensor, second.Tensor);
        Assert.Equal(before, (device.Uploads, device.Downloads, device.LiveCount));
    }

    [Fact]
    public void That_are_read_while_they_are_used_stay_on_the_device_so_long()
    {
        var held = HeldNumbers.Copy(source, [1], device);
        var (first, second) = (held.On(device), held.On(device));
        Assert.Equal([3, 4], held.Values);
        first.Dispose();
        first.Dispose();
        Assert.Equal([3, 4], device.Download(second.Tensor));
        second.Dispose();
        Assert.Equal(1, device.LiveCount);
    }

    [Fact]
    public void Move_to_another_device_through_this_process()
    {
        using var other = new WatchedDevice();
        using var held = HeldNumbers.Copy(source, [1], device);
        using var moved = held.On(other);
        Assert.Equal([3, 4], other.Download(moved.Tensor));
        Assert.Equal((1, 1), (device.Downloads, other.Uploads));
    }

    [Fact]
    public void Outlive_the_device()
    {
        var held = HeldNumbers.Copy(source, [0], device);
        device.Dispose();
        Assert.Equal(1, device.Downloads);
        Assert.Equal([1, 2], held.Values);
        Assert.Equal(1, device.Downloads);
    }

    [Fact]
    public void That_nobody_refers_to_are_not_read_at_the_end()
    {
        Drop();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        device.Dispose();
        Assert.Equal(0, device.Downloads);

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Drop() => Assert.True(HeldNumbers.Copy(source, [0], device).LieOn(device));
    }

    [Fact]
    public void Of_a_device_that_fails_say_that_they_are_lost()
    {
        var failing = new FailingDevice();
        using var lost = failing.Allocate(1, 1);
        var held = HeldNumbers.Copy(lost, [0], failing);
        failing.Dispose();
        Assert.Equal(
            "The numbers were lost when watched was disposed: The device does not answer.",
            Assert.Throws<InvalidOperationException>(() => held.Values).Message);
    }

    [Fact]
    public void That_were_freed_are_refused()
    {
        var held = HeldNumbers.Copy(source, [0], device);
        held.Dispose();
        Assert.Equal(1, device.LiveCount);
        Assert.Throws<ObjectDisposedException>(() => held.Values);
        Assert.Throws<ObjectDisposedException>(() => held.On(device));
        device.Dispose();
    }

    [Fact]
    public void That_find_no_memory_or_row_free_what_they_had()
    {
        device.AllocationsLeft = 0;
        Assert.Throws<InsufficientMemoryException>(() => HeldNumbers.Copy(source, [0], device));
        device.AllocationsLeft = null;
        Assert.Throws<ArgumentOutOfRangeException>(() => HeldNumbers.Copy(source, [3], device));
        device.OperationsLeft = 0;
        Assert.Throws<IOException>(() => HeldNumbers.Copy(source, [0], device));
        Assert.Equal(1, device.LiveCount);
    }

    [Fact]
    public void Of_a_device_in_this_process_are_copied_once_and_used_in_place()
    {
        using var cpu = new CpuDevice(1);
        using var rows = HostTensor.Of(new Shape(4, 1), [1, 2, 3, 4]);
        using var held = HeldNumbers.Copy(rows, [0, 2, 3], cpu);
        Assert.False(held.LieOn(cpu));
        Assert.Equal([1, 3, 4], held.Values);
        using var used = held.On(cpu);
        Assert.True(Unsafe.AreSame(
            ref ((HostTensor)used.Tensor).Floats[0], ref Unsafe.AsRef(in held.Values.AsSpan()[0])));
        Assert.Equal(new Shape(3, 1), used.Tensor.Shape);
    }

    sealed class FailingDevice : WatchedDevice
    {
        protected override void DownloadCore(Tensor source, Span<float> destination) =>
            throw new IOException("The device does not answer.");
    }
}
