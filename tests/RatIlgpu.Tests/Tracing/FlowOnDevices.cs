using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Tracing;

public sealed class PlainFlow : FlowContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuFlow : FlowContract
{
    protected override Device Create() => new CpuDevice();
}
