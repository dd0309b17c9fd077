using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuAttribution : AttributionContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class OpenClAttribution : AttributionContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaAttribution : AttributionContract
{
    protected override Device Create() => Found.Open("cuda");
}

public sealed class IlgpuCpuScoreAttribution : ScoreAttributionContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class OpenClScoreAttribution : ScoreAttributionContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaScoreAttribution : ScoreAttributionContract
{
    protected override Device Create() => Found.Open("cuda");
}
