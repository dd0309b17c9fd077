using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Devices;

public sealed class PlainDeviceContract : DeviceContract
{
    protected override Device Create() => new PlainDevice();
}
