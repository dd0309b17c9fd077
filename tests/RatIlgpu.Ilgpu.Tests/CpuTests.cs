using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Opens devices that this build or this machine may lack; the tests then say so.</summary>
static class Optional
{
    public static Device Open(string name)
    {
        Assert.SkipUnless(IlgpuDevices.IsBuilt, IlgpuDevices.List()[0].Description);
        var missing = IlgpuDevices.List().FirstOrDefault(found => found.Name == name && !found.IsUsable);
        Assert.SkipWhen(missing is not null, $"{name}: {missing?.Description}");
        return IlgpuDevices.Open(name);
    }
}

public sealed class IlgpuCpuContract : DeviceContract
{
    protected override Device Create() => Optional.Open("ilgpu-cpu");
}

public sealed class IlgpuCpuGolden : GoldenContract
{
    protected override Device Create() => Optional.Open("ilgpu-cpu");
}

public sealed class OpenClContract : DeviceContract
{
    protected override Device Create() => Optional.Open("opencl");
}

public sealed class OpenClGolden : GoldenContract
{
    protected override Device Create() => Optional.Open("opencl");
}

public sealed class CudaContract : DeviceContract
{
    protected override Device Create() => Optional.Open("cuda");
}

public sealed class CudaGolden : GoldenContract
{
    protected override Device Create() => Optional.Open("cuda");
}
