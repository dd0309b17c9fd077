using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainScoreAttribution : ScoreAttributionContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuScoreAttribution : ScoreAttributionContract
{
    protected override Device Create() => new CpuDevice();
}
