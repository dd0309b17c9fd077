using System.Runtime.Intrinsics.X86;
using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Devices;

public sealed class SimdLevelsTests
{
    [Fact]
    public void Chooses_the_widest_unless_a_level_is_requested() =>
        Assert.Equal(SimdLevels.Widest, SimdLevels.Choose(null, null));

    [Fact]
    public void The_widest_level_is_what_the_processor_has() => Assert.Equal(
        Avx512F.IsSupported ? SimdLevel.Vector512 : Avx2.IsSupported ? SimdLevel.Vector256 : SimdLevel.Vector128,
        SimdLevels.Widest);

    [Fact]
    public void A_device_uses_the_widest_level()
    {
        using var device = new CpuDevice(1);
        var expected = SimdLevels.Choose(null, Environment.GetEnvironmentVariable(SimdLevels.Variable));
        Assert.Equal($"1 thread, {expected}", device.Description);
    }

    [Fact]
    public void Takes_an_empty_variable_for_none() => Assert.Equal(SimdLevels.Widest, SimdLevels.Choose(null, ""));

    [Fact]
    public void The_environment_forces_a_level() => Assert.Equal(SimdLevel.Scalar, SimdLevels.Choose(null, "scalar"));

    [Theory]
    [InlineData("128", SimdLevel.Vector128)]
    [InlineData("256", SimdLevel.Vector256)]
    [InlineData("512", SimdLevel.Vector512)]
    public void The_environment_names_a_level_by_its_bits(string bits, SimdLevel level)
    {
        Assert.SkipUnless(SimdLevels.IsSupported(level), $".NET offers no {level} on this processor.");
        Assert.Equal(level, SimdLevels.Choose(null, bits));
    }

    [Fact]
    public void The_caller_has_the_last_word() =>
        Assert.Equal(SimdLevel.Scalar, SimdLevels.Choose(SimdLevel.Scalar, "512"));

    [Fact]
    public void Says_which_levels_there_are() => Assert.Equal(
        "RATILGPU_SIMD: 'avx2' is none of scalar, 128, 256, 512.",
        Assert.Throws<ArgumentException>(() => SimdLevels.Choose(null, "avx2")).Message);

    [Fact]
    public void Says_what_this_processor_does_not_have() => Assert.Equal(
        $"level: .NET offers no 9 on this processor; the widest is {SimdLevels.Widest}.",
        Assert.Throws<PlatformNotSupportedException>(() => SimdLevels.Choose((SimdLevel)9, null)).Message);
}
