using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainHeadPatterns : HeadPatternContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuHeadPatterns : HeadPatternContract
{
    protected override Device Create() => new CpuDevice();
}
