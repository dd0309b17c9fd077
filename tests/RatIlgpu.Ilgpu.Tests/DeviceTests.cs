using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuContract : DeviceContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class IlgpuCpuGolden : GoldenContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class IlgpuCpuModel : ModelOnDeviceContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class IlgpuCpuPatching : PatchingContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}

public sealed class OpenClContract : DeviceContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class OpenClGroupsContract : DeviceContract
{
    protected override Device Create() => Found.OpenClGroups();
}

public sealed class OpenClGolden : GoldenContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class OpenClModel : ModelOnDeviceContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class OpenClPatching : PatchingContract
{
    protected override Device Create() => Found.Open("opencl");
}

public sealed class CudaContract : DeviceContract
{
    protected override Device Create() => Found.Open("cuda");
}

public sealed class CudaGolden : GoldenContract
{
    protected override Device Create() => Found.Open("cuda");
}

public sealed class CudaModel : ModelOnDeviceContract
{
    protected override Device Create() => Found.Open("cuda");
}

public sealed class CudaPatching : PatchingContract
{
    protected override Device Create() => Found.Open("cuda");
}
