using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuInterventions : InterventionContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class GroupedInterventions : InterventionContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class OpenClInterventions : InterventionContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaInterventions : InterventionContract
{
    protected override Device Create() => Found.Open("cuda");
}
