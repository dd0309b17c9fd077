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

public sealed class IlgpuCpuNormedInterventions : InterventionContract
{
    protected override bool NormsHeads => true;

    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class GroupedNormedInterventions : InterventionContract
{
    protected override bool NormsHeads => true;

    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}

public sealed class OpenClNormedInterventions : InterventionContract
{
    protected override bool NormsHeads => true;

    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaNormedInterventions : InterventionContract
{
    protected override bool NormsHeads => true;

    protected override Device Create() => Found.Open("cuda");
}
