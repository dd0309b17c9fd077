using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuAttention : AttentionContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class OpenClAttention : AttentionContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaAttention : AttentionContract
{
    protected override Device Create() => Found.Open("cuda");
}

public sealed class IlgpuCpuWeightedTraces : WeightedTraceContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class OpenClWeightedTraces : WeightedTraceContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaWeightedTraces : WeightedTraceContract
{
    protected override Device Create() => Found.Open("cuda");
}
