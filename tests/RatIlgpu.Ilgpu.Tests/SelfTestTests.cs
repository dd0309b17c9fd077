using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuCpuSelfTest : SelfTestContract
{
    protected override Device Create() => Found.Open("ilgpu-cpu");
}
