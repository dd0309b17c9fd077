using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Devices;

public abstract class CpuDeviceContract(SimdLevel level, int threads) : DeviceContract
{
    protected override Device Create()
    {
        Assert.SkipUnless(SimdLevels.IsSupported(level), $".NET offers no {level} on this processor.");
        return new CpuDevice(threads, level);
    }
}

public sealed class CpuDeviceScalarContract() : CpuDeviceContract(SimdLevel.Scalar, 1);

public sealed class CpuDevice128Contract() : CpuDeviceContract(SimdLevel.Vector128, 1);

public sealed class CpuDevice256Contract() : CpuDeviceContract(SimdLevel.Vector256, 1);

public sealed class CpuDevice512Contract() : CpuDeviceContract(SimdLevel.Vector512, 1);

public sealed class CpuDeviceScalarOnThreeThreadsContract() : CpuDeviceContract(SimdLevel.Scalar, 3);

public sealed class CpuDevice128OnThreeThreadsContract() : CpuDeviceContract(SimdLevel.Vector128, 3);

public sealed class CpuDevice256OnThreeThreadsContract() : CpuDeviceContract(SimdLevel.Vector256, 3);

public sealed class CpuDevice512OnThreeThreadsContract() : CpuDeviceContract(SimdLevel.Vector512, 3);
