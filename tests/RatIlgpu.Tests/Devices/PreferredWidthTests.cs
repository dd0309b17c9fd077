using System.Diagnostics;
using System.Runtime.Intrinsics.X86;

namespace RatIlgpu.Tests.Devices;

/// <summary>On processors of the Skylake and Cascade Lake kind .NET prefers 256 bits and says that 512 are not
/// accelerated. The variable makes it do so on any processor.</summary>
public sealed class PreferredWidthTests
{
    [Fact]
    public async Task The_width_that_NET_prefers_does_not_narrow_the_vectors_of_a_device()
    {
        Assert.SkipUnless(Avx512F.IsSupported, "This processor has no AVX-512.");
        ProcessStartInfo start = new(
            "dotnet",
            [
                typeof(PreferredWidthTests).Assembly.Location,
                "--filter-class", "*.SimdLevelsTests", "*.ExponentialTests", "*.CpuDeviceGolden",
            ])
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_PreferredVectorBitWidth"] = "256", ["RATILGPU_SIMD"] = "" },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
    }
}
