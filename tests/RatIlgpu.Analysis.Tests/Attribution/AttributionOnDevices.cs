using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainAttribution : AttributionContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuAttribution : AttributionContract
{
    protected override Device Create() => new CpuDevice();
}
