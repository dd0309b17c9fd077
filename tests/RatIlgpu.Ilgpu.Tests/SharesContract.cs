using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Launches every operation in three shares, however small it is.</summary>
public sealed class SharesContract : DeviceContract
{
    protected override Device Create() => new CpuAcceleratorDevice("shares", 3, launchTime: TimeSpan.Zero);
}
