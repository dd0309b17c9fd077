using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Devices;

public sealed class SimdLevelsTests
{
    [Fact]
    public void Chooses_the_widest_unless_NET_prefers_another_width_and_then_measures()
    {
        var choice = SimdChoice.Of(null, null);
        if (!Avx512F.IsSupported || Vector512.IsHardwareAccelerated)
            Assert.Equal(new(SimdLevels.Widest, "the widest of this processor"), choice);
        else
            Assert.StartsWith("measured: 512 bits do ", choice.Reason);
    }

    [Theory]
    [InlineData(86, 152, SimdLevel.Vector512, "measured: 512 bits do 1.77 times the multiply-adds of 256")]
    [InlineData(86, 129, SimdLevel.Vector512, "measured: 512 bits do 1.50 times the multiply-adds of 256")]
    [InlineData(86, 86, SimdLevel.Vector256, "measured: 512 bits do 1.00 times the multiply-adds of 256")]
    [InlineData(86, 70, SimdLevel.Vector256, "measured: 512 bits do 0.81 times the multiply-adds of 256")]
    public void Where_NET_prefers_256_bits_the_rates_decide(
        double half, double whole, SimdLevel level, string reason) =>
        Assert.Equal(
            new(level, reason),
            SimdChoice.Decide(SimdLevel.Vector512, isPreferred: false, () => whole / half));

    [Theory]
    [InlineData(SimdLevel.Vector512, true)]
    [InlineData(SimdLevel.Vector256, false)]
    [InlineData(SimdLevel.Vector128, false)]
    public void Nothing_is_measured_where_there_is_no_doubt(SimdLevel widest, bool isPreferred) => Assert.Equal(
        new(widest, "the widest of this processor"),
        SimdChoice.Decide(widest, isPreferred, () => throw new InvalidOperationException()));

    [Fact]
    public void Says_who_chose()
    {
        Assert.Equal(new(SimdLevel.Scalar, "as RATILGPU_SIMD says"), SimdChoice.Of(null, "scalar"));
        Assert.Equal(new(SimdLevel.Scalar, "as asked"), SimdChoice.Of(SimdLevel.Scalar, "512"));
        using var device = new CpuDevice(1, SimdLevel.Scalar);
        Assert.Equal("as asked", device.LevelReason);
    }

    [Fact]
    public void The_widest_level_is_what_the_processor_has() => Assert.Equal(
        Avx512F.IsSupported ? SimdLevel.Vector512 : Avx2.IsSupported ? SimdLevel.Vector256 : SimdLevel.Vector128,
        SimdLevels.Widest);

    [Fact]
    public void A_device_uses_the_level_that_is_chosen()
    {
        using var device = new CpuDevice(1);
        var expected = SimdLevels.Choose(null, Environment.GetEnvironmentVariable(SimdLevels.Variable));
        Assert.Equal($"1 thread, {expected}", device.Description);
    }

    [Fact]
    public void Takes_an_empty_variable_for_none() =>
        Assert.Equal(SimdLevels.Choose(null, null), SimdLevels.Choose(null, ""));

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
