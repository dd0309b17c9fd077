using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainPathPatching : PathPatchingContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuPathPatching : PathPatchingContract
{
    protected override Device Create() => new CpuDevice();
}
