namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Finds_the_largest_numbers_of_each_row_by_hand() => Refuses(on =>
    {
        var found = Top(on, [3, 1, 2, -4, 0, -1], 2, count: 2);
        Assert.Equal([0, 2, 1, 2], found.Indices);
        Assert.Equal([3, 2, 0, -1], found.Values);
        // log(e³ + e + e²) and log(e⁻⁴ + 1 + e⁻¹)
        Near([3.407606f, 0.326563f], [.. found.LogSums.Select(sum => (float)sum)]);
    });

    [Fact]
    public void Of_equal_numbers_the_first_is_found_first() => Refuses(on =>
    {
        Assert.Equal([1, 3, 4, 0], Top(on, [1, 2, 0, 2, 2, 1], 1, count: 4).Indices);
        Assert.Equal([0, 1, 2], Top(on, [0f, -0f, 0f], 1, count: 3).Indices);
        Assert.Equal([0, 1, 2], Top(on, [-0f, 0f, -0f], 1, count: 3).Indices);
        Assert.Equal([1], Top(on, [1, 2, 2], 1, count: 1).Indices);
    });

    [Fact]
    public void NaN_is_never_found_and_the_least_infinity_last() => Refuses(on =>
    {
        const float None = float.NegativeInfinity;
        var found = Top(on, [None, float.NaN, 5, None, float.PositiveInfinity, -float.NaN], 1, count: 6);
        Assert.Equal([4, 2, 0, 3, -1, -1], found.Indices);
        Assert.Equal([float.PositiveInfinity, 5, None, None, None, None], found.Values);
        Assert.Equal([-1], Top(on, [float.NaN, float.NaN], 1, count: 1).Indices);
        Assert.Equal([0, 0], Top(on, [None, None], 2, count: 1).Indices);
    });

    [Fact]
    public void What_is_masked_is_not_found_but_counts_in_the_sum() => Refuses(on =>
    {
        var found = Top(on, [9, 1, 100, 8, float.NegativeInfinity, 0], 2, count: 3, mask: [0, 1, 1]);
        Assert.Equal([2, 1, -1, 2, 1, -1], found.Indices);
        Assert.Equal([100, 1, float.NegativeInfinity, 0, float.NegativeInfinity, float.NegativeInfinity], found.Values);
        // log(e⁹ + e + e¹⁰⁰) and log(e⁸ + 1)
        Near([100, 8.000335f], [.. found.LogSums.Select(sum => (float)sum)], [100, 8]);
    });

    [Fact]
    public void A_sum_of_large_exponentials_does_not_overflow() => Refuses(on =>
        Near([1000.6931f, -999.3069f], [.. Top(on, [1000, 1000, -1000, -1000], 2, count: 1).LogSums
            .Select(sum => (float)sum)], [1000, 1000]));

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(1, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity)]
    public void A_sum_that_is_no_number_says_so(float first, float second) => Refuses(on =>
        Assert.All(Top(on, [first, second], 1, count: 1).LogSums, sum => Assert.False(double.IsFinite(sum))));

    [Fact]
    public void Finds_the_largest_of_rows_of_every_width() => EachLength(width =>
    {
        foreach (var count in (ReadOnlySpan<int>)[1, 3, IsSlow ? 9 : 300])
            FindsWhatPlainFinds(WithTies(width, 2 * width), 2, count, $"width {width}, {count}");
    });

    [Fact]
    public void Finds_the_largest_of_rows_that_need_several_groups_or_threads()
    {
        var width = Many(40_000);
        FindsWhatPlainFinds(WithTies(1, 3 * width), 3, 1, "ties");
        FindsWhatPlainFinds(WithTies(2, 3 * width), 3, Many(40), "many ties");
        FindsWhatPlainFinds(Numbers(3, 3 * width, 30), 3, Many(40), "numbers");
        FindsWhatPlainFinds([.. Enumerable.Range(0, width).Select(i => (float)i)], 1, 7, "ascending");
        FindsWhatPlainFinds([.. Enumerable.Range(0, width).Select(i => (float)-i)], 1, 7, "descending");
    }

    [Fact]
    public void Says_what_is_wrong_with_a_search_for_the_largest() => Refuses(on =>
    {
        var (device, x, v) = (on.Device, on.Allocate(2, 3), on.Allocate(4));
        Says("Top: rows is [4], expected 2 axes.", () => device.Top(v, null, 1, new int[1], new float[1]));
        Says("Top: mask is [4], expected [3].", () => device.Top(x, v, 1, new int[2], new float[2]));
        Says(
            "Top: indices has room for 2 numbers, expected 4.",
            () => device.Top(x, null, 2, new int[2], new float[4]));
        Says(
            "Top: values has room for 3 numbers, expected 4.",
            () => device.Top(x, null, 2, new int[4], new float[3]));
        Says(
            "Top: logSums has room for 1 numbers, expected 2.",
            () => device.Top(x, null, 2, new int[4], new float[4], new double[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Top(x, null, 0, [], []));
    });

    void FindsWhatPlainFinds(float[] numbers, int rows, int count, string what)
    {
        using Workbench here = new(Device), there = new(plain);
        var mask = Enumerable.Range(0, numbers.Length / rows).Select(i => i % 7 == 3 ? 0f : 1f).ToArray();
        foreach (var one in (ReadOnlySpan<float[]?>)[null, mask])
        {
            var (found, expected) = (Top(here, numbers, rows, count, one), Top(there, numbers, rows, count, one));
            Assert.True(expected.Indices.SequenceEqual(found.Indices), what);
            Assert.True(expected.Values.SequenceEqual(found.Values), what);
            foreach (var (actual, sum) in found.LogSums.Zip(expected.LogSums))
                Assert.True(
                    double.IsFinite(sum) ? Math.Abs(actual - sum) <= Tolerance * (1 + Math.Abs(sum))
                        : !double.IsFinite(actual), what);
        }
    }

    // 32 different numbers, and here and there none.
    static float[] WithTies(int seed, int count)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(_ => random.Next(500) switch
            {
                0 => float.NaN,
                < 20 => float.NegativeInfinity,
                var other => other % 32 - 16,
            }),
        ];
    }

    static (int[] Indices, float[] Values, double[] LogSums) Top(
        Workbench on, float[] numbers, int rows, int count, float[]? mask = null)
    {
        var width = numbers.Length / rows;
        var (indices, values, sums) = (new int[rows * count], new float[rows * count], new double[rows]);
        var (put, hidden) = (on.Put(numbers, rows, width), mask is null ? null : on.Put(mask, width));
        on.Device.Top(put, hidden, count, indices, values);
        var (again, numbersAgain) = (indices.ToArray(), values.ToArray());
        on.Device.Top(put, hidden, count, indices, values, sums);
        Assert.Equal(again, indices);
        Assert.Equal(numbersAgain, values);
        Assert.Equal(numbers, on.Read(put));
        return (indices, values, sums);
    }
}
