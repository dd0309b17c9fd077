using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuContract : DeviceContract
{
    protected override Device Create() => IlgpuDevices.Open("ilgpu-cpu");
}

public sealed class IlgpuCpuGolden : GoldenContract
{
    protected override Device Create() => IlgpuDevices.Open("ilgpu-cpu");
}
