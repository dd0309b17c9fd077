using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainInterventions : InterventionContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuInterventions : InterventionContract
{
    protected override Device Create() => new CpuDevice();
}
