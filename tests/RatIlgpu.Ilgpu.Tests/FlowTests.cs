using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuFlow : FlowContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class OpenClFlow : FlowContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaFlow : FlowContract
{
    protected override Device Create() => Found.Open("cuda");
}
