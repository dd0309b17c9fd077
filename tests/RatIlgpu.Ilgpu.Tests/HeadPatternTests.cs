using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuHeadPatterns : HeadPatternContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class OpenClHeadPatterns : HeadPatternContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaHeadPatterns : HeadPatternContract
{
    protected override Device Create() => Found.Open("cuda");
}
