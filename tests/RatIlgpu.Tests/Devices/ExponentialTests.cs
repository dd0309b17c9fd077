using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Devices;

public sealed unsafe class ExponentialTests
{
    // Half a unit in the last place of the sum, of each of the last steps before it, and of the scaled argument.
    const double RelativeError = 1.5e-7;

    public static TheoryData<SimdLevel> Levels => [.. Enum.GetValues<SimdLevel>()];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Is_right_to_the_last_digit_but_one(SimdLevel level)
    {
        for (var x = -87.3f; x < 88.3f; x += 0.00171f)
            Assert.InRange(Exp(level, x) / Math.Exp(x) - 1, -RelativeError, RelativeError);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Ends_in_0_and_infinity(SimdLevel level)
    {
        Assert.Equal(0, Exp(level, -88));
        Assert.Equal(0, Exp(level, -1e30f));
        Assert.Equal(0, Exp(level, float.NegativeInfinity));
        Assert.Equal(float.PositiveInfinity, Exp(level, 88.8f));
        Assert.Equal(float.PositiveInfinity, Exp(level, 1e30f));
        Assert.Equal(float.PositiveInfinity, Exp(level, float.PositiveInfinity));
        Assert.Equal(1, Exp(level, 0));
        Assert.Equal(float.NaN, Exp(level, float.NaN));
    }

    static float Exp(SimdLevel level, float x)
    {
        Assert.SkipUnless(SimdLevels.IsSupported(level), $".NET offers no {level} on this processor.");
        var numbers = stackalloc float[16];
        new Span<float>(numbers, 16).Fill(x);
        Simd.At(level).Exponentials(numbers, 0, 16);
        return numbers[0];
    }
}
