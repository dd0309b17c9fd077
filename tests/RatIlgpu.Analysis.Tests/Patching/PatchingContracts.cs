using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainPatching : PatchingContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuPatching : PatchingContract
{
    protected override Device Create() => new CpuDevice();
}

public sealed class WatchedPatching : PatchingContract
{
    protected override Device Create() => new WatchedDevice();
}
