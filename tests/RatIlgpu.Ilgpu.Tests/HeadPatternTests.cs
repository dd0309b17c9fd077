using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuHeadPatterns : HeadPatternContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}
