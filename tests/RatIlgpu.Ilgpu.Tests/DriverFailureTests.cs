using System.Linq.Expressions;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>What a device says when its driver fails.</summary>
public sealed class DriverFailureTests
{
    static readonly CLException Failure = new(CLError.CL_OUT_OF_RESOURCES);

    [Fact]
    public void A_kernel_that_is_not_compiled_or_started_says_why()
    {
        const string Expected =
            "opencl:0: the driver failed with CL_OUT_OF_RESOURCES; use another device, or a newer driver.";
        var compile = () => DriverFailure.Guard<int>("opencl:0", () => throw Failure);
        var start = DriverFailure.Guard("opencl:0", Expression.Throw(Expression.Constant(Failure)));
        Assert.Equal(Expected, Assert.Throws<IOException>(() => compile()).Message);
        Assert.Equal(
            Expected, Assert.Throws<IOException>(Expression.Lambda<Action>(start).Compile()).Message);
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
            () => Contexts.Open<int>("opencl:0", "a card, 8.0 GiB", _ => throw Failure)).Message);
}
