using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Devices;

public sealed unsafe class LogarithmTests
{
    // Half a unit in the last place of the difference, the sum and the quotient, and of the last steps.
    const double RelativeError = 3e-7;

    public static TheoryData<SimdLevel> Levels => [.. Enum.GetValues<SimdLevel>()];

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_term_of_an_entropy_is_right_to_the_last_digit_but_one(SimdLevel level)
    {
        // From the smallest normal number to large ones, with both ends of every binade and the neighbours of 1.
        for (var bits = 0x00800000; bits < 0x7F000000; bits += 0x0000FFF1)
            AssertTerm(level, BitConverter.Int32BitsToSingle(bits));
        for (var near = -200; near <= 200; near++)
            AssertTerm(level, BitConverter.Int32BitsToSingle(0x3F800000 + near));
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_term_of_0_is_0_and_of_a_subnormal_number_next_to_it(SimdLevel level)
    {
        Assert.Equal(0, Term(level, 0));
        Assert.Equal(0, Term(level, -0f));
        Assert.InRange(Term(level, 1e-40f), 0, 1e-37);
        Assert.Equal(float.NegativeInfinity, Term(level, float.PositiveInfinity));
        Assert.Equal(float.NaN, Term(level, float.NaN));
        Assert.Equal(float.NaN, Term(level, float.NegativeInfinity));
    }

    static void AssertTerm(SimdLevel level, float p)
    {
        var expected = -p * Math.Log(p);
        if (Math.Abs(expected) is > 1e-37 and < 1e38)
            Assert.InRange(Term(level, p) / expected - 1, -RelativeError, RelativeError);
    }

    // The first of a vector, and the last, which fills no vector.
    static float Term(SimdLevel level, float p)
    {
        Assert.SkipUnless(SimdLevels.IsSupported(level), $".NET offers no {level} on this processor.");
        var numbers = stackalloc float[17];
        new Span<float>(numbers, 17).Clear();
        numbers[0] = p;
        var first = (float)Simd.At(level).Entropy(numbers, 17);
        (numbers[0], numbers[16]) = (0, p);
        Assert.Equal(first, (float)Simd.At(level).Entropy(numbers, 17));
        return first;
    }
}
