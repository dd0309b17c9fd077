using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainSelfTest : SelfTestContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuSelfTest : SelfTestContract
{
    protected override Device Create() => new CpuDevice();
}
