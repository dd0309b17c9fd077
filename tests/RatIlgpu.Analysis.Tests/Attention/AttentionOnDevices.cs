using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainAttention : AttentionContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuAttention : AttentionContract
{
    protected override Device Create() => new CpuDevice();
}
