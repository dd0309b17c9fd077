using ILGPU.Runtime.OpenCL;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>A driver that fails once fails in every later call, as that of a lost card does.</summary>
public sealed class LostDeviceTests
{
    const string Lost = "the driver failed with CL_DEVICE_NOT_AVAILABLE; use another device, or a newer driver.";

    static readonly TheoryData<bool, string> calls = [];

    static LostDeviceTests()
    {
        foreach (var grouped in new[] { true, false })
            foreach (var call in Enum.GetNames<DriverCall>().Where(name => grouped || name != nameof(DriverCall.Load)))
                calls.Add(grouped, call);
    }

    public static TheoryData<bool, string> Calls => calls;

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_first_error_is_the_one_reported_and_the_device_can_be_disposed(bool grouped, string failing)
    {
        var device = Open(grouped);
        var failed = Enum.Parse<DriverCall>(failing);
        var failures = 0;
        device.BeforeCall = call =>
        {
            if (call != failed && failures == 0)
                return;
            failures++;
            throw new CLException(failures == 1 ? CLError.CL_DEVICE_NOT_AVAILABLE : CLError.CL_INVALID_CONTEXT);
        };
        var error = Record.Exception(() => UseAll(device));
        device.Dispose();

        // Nothing is thrown for memory that cannot be freed: the next use says that the device is lost.
        if (failed is DriverCall.Free or DriverCall.Close)
            Assert.Null(error);
        else
            Assert.Equal($"{device.Name}: {Lost}", Assert.IsType<DeviceException>(error).Message);
        Assert.NotEqual(0, failures);
        Assert.Equal(0, device.UsedBytes);

        using var other = Open(grouped);
        UseAll(other);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Numbers_that_a_lost_device_held_say_so_and_disposing_it_does_not_throw(bool grouped)
    {
        var device = Open(grouped);
        using var tensor = device.Allocate(2, 3);
        device.Fill(1, tensor);
        using var held = HeldNumbers.Copy(tensor, [1], device);
        device.BeforeCall = _ => throw new CLException(CLError.CL_DEVICE_NOT_AVAILABLE);
        Assert.Equal($"{device.Name}: {Lost}", Assert.Throws<DeviceException>(() => held.Values).Message);
        device.Dispose();
        Assert.Equal(
            $"The numbers were lost when {device.Name} was disposed: {device.Name}: {Lost}",
            Assert.Throws<InvalidOperationException>(() => held.Values).Message);
    }

    [Fact]
    public void Memory_that_cannot_be_freed_is_not_in_the_book_any_more()
    {
        using var device = Open(grouped: true);
        using var source = HostTensor.Allocate(new Shape(5));
        var (weight, activation) = (device.Load(source), device.Allocate(7));
        Assert.Equal(20 + 256, device.UsedBytes);
        device.BeforeCall = _ => throw new CLException(CLError.CL_DEVICE_NOT_AVAILABLE);
        weight.Dispose();
        activation.Dispose();
        Assert.Equal(0, device.UsedBytes);
    }

    [Theory]
    [InlineData(nameof(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE))]
    [InlineData(nameof(CLError.CL_INVALID_BUFFER_SIZE))]
    public void Memory_that_the_driver_refuses_is_no_failure(string error)
    {
        using var device = Open(grouped: true);
        device.BeforeCall = call =>
        {
            if (call == DriverCall.Allocate)
                throw new CLException(Enum.Parse<CLError>(error));
        };
        var refusal = Assert.Throws<InsufficientMemoryException>(() => device.Allocate(5));
        Assert.StartsWith("grouped: F32 [5] needs 256 bytes, ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($", but the driver refuses them ({error}); ", refusal.Message, StringComparison.Ordinal);
        device.BeforeCall = null;
        UseAll(device);
    }

    static IlgpuDevice Open(bool grouped) =>
        (IlgpuDevice)(grouped ? GroupedOnCpu.Open<WarpReduction>() : IlgpuDevices.Open("ilgpu-cpu"));

    static void UseAll(Device device)
    {
        using var source = HostTensor.Allocate(new Shape(2, 3));
        source.Floats.Fill(2);
        using var weight = device.Load(source);
        using var rows = device.Allocate(1, 3);
        device.Gather(weight, [1], rows);
        Assert.Equal([2, 2, 2], device.Download(rows));

        // Larger than what is kept, so that it is freed.
        using var large = device.Allocate((256 << 18) + 1);
    }
}
