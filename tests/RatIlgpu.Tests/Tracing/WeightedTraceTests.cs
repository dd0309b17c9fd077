using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Tracing;

public sealed class PlainWeightedTraces : WeightedTraceContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuWeightedTraces : WeightedTraceContract
{
    protected override Device Create() => new CpuDevice();
}
