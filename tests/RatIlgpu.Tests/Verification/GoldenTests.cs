using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Verification;

public sealed class PlainDeviceGolden : GoldenContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuDeviceGolden : GoldenContract
{
    protected override Device Create() => new CpuDevice();
}

public sealed class CpuDeviceThreeThreadsGolden : GoldenContract
{
    protected override Device Create() => new CpuDevice(threads: 3);
}
