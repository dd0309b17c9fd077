using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Errors of drivers reach the caller as exceptions that name the device and the error.</summary>
public sealed class DriverFailureTests
{
    static readonly CLException Failure = new(CLError.CL_OUT_OF_RESOURCES);

    [Fact]
    public void A_driver_that_fails_in_use_names_the_device_and_the_error()
    {
        var failed = Assert.Throws<DeviceException>(() => DriverFailure.Guard("opencl:0", () => throw Failure));
        Assert.Equal(
            "opencl:0: the driver failed with CL_OUT_OF_RESOURCES; use another device, or a newer driver.",
            failed.Message);
        Assert.Same(Failure, failed.InnerException);
    }

    [Fact]
    public void A_driver_without_memory_says_so() => Assert.Equal(
        "opencl:0: the driver has no memory left (CL_MEM_OBJECT_ALLOCATION_FAILURE); use a shorter prompt or another "
        + "device.",
        Assert.IsType<InsufficientMemoryException>(
            DriverFailure.Explain("opencl:0", new CLException(CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE))).Message);

    [Fact]
    public void A_device_that_is_shown_but_cannot_be_opened_says_why() => Assert.Equal(
        "--device opencl:0: a card, 8.0 GiB: the driver failed with CL_OUT_OF_RESOURCES; use another device, or a "
        + "newer driver.",
        Assert.Throws<PlatformNotSupportedException>(
            () => Accelerators.Open<int>("opencl:0", "a card, 8.0 GiB", _ => throw Failure)).Message);
}
