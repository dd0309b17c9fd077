using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Verification;

public sealed class GoldenFoldersTests
{
    [Fact]
    public void No_golden_folder_is_left_out() => Assert.Equal(
        Directory.GetDirectories(Repository.Path("tests/golden")).Select(path => Path.GetFileName(path)).Order(),
        GoldenContract.Folders.Select(row => row.Data.Item1).Order());
}

public sealed class PlainDeviceGolden : GoldenContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuDeviceGolden : GoldenContract
{
    protected override Device Create() => new CpuDevice();
}

public sealed class CpuDeviceThreeThreadsGolden : GoldenContract
{
    protected override Device Create() => new CpuDevice(threads: 3);
}
