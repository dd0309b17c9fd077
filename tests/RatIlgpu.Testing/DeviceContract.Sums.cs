using RatIlgpu.Devices;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    // Two heads, two queries, three keys.
    static readonly float[] SmallCells = [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60];

    [Fact]
    public void Adds_up_weighted_cells_by_hand()
    {
        // 2·1 − 0.5·6; nothing; 4; 1 + 2 + 2; and ten times as much.
        CellSums sums = new(2, 3, [0, 2, 2, 3, 6], [0, 5, 3, 0, 1, 1], [2, -0.5f, 1, 1, 1, 1]);
        Assert.Equal([-1, 0, 4, 5, -10, 0, 40, 50], Compute(on => SumCells(on, SmallCells, 2, sums)));
    }

    [Fact]
    public void Sums_of_no_cell_are_0_and_no_row_has_no_sum()
    {
        Assert.Equal([0, 0, 0, 0], Compute(on => SumCells(on, SmallCells, 2, new(2, 3, [0, 0, 0], [], []))));
        Assert.Empty(Compute(on => SumCells(on, SmallCells, 2, new(2, 3, [0], [], []))));
        Assert.Empty(Compute(on => SumCells(on, [], 0, new(2, 3, [0, 1], [0], [1]))));
        Assert.Equal([0], Compute(on => SumCells(on, [], 1, new(0, 3, [0, 0], [], []))));
    }

    [Fact]
    public void What_is_no_number_in_a_cell_is_none_in_its_sums_alone()
    {
        CellSums sums = new(2, 3, [0, 1, 3], [1, 0, 2], [1, 1, 1]);
        float[] pattern = [1, float.NaN, 3, 4, 5, 6];
        Assert.Equal([float.NaN, 4], Compute(on => SumCells(on, pattern, 1, sums)));
    }

    [Fact]
    public void Adds_up_rows_of_any_number_of_cells() => EachLength(count =>
        SumsAgree(3, CellsOf(count + 1, 7, 40, [count, 1, count]), $"{count} cells"));

    [Fact]
    public void Adds_up_short_and_long_rows_of_many_heads()
    {
        int[] lengths = [1, Many(8000), 0, .. Enumerable.Repeat(1, Many(900)), 63, 64, 65, 0, Many(2501)];
        SumsAgree(16, CellsOf(1, Many(130), 110, lengths), "many heads");
    }

    [Fact]
    public void Other_sums_do_not_have_the_cells_of_those_before()
    {
        CellSums first = new(2, 3, [0, 1], [0], [1]), second = new(2, 3, [0, 2], [4, 5], [1, 2]);
        foreach (var (sums, expected) in (ReadOnlySpan<(CellSums, float[])>)
            [(first, [1, 10]), (second, [17, 170]), (first, [1, 10]), (first, [1, 10])])
            Assert.Equal(expected, Compute(on => SumCells(on, SmallCells, 2, sums)));
    }

    [Fact]
    public void Says_what_is_wrong_with_sums_of_cells() => Refuses(on =>
    {
        var (pattern, result, device) = (on.Allocate(2, 3, 4), on.Allocate(2, 1), on.Device);
        CellSums sums = new(3, 4, [0, 1], [11], [1]);
        Says("SumCells: pattern is [2, 1], expected 3 axes.", () => device.SumCells(result, sums, result));
        Says(
            "SumCells: pattern is [2, 4, 3], expected [2, 3, 4].",
            () => device.SumCells(on.Allocate(2, 4, 3), sums, result));
        Says(
            "SumCells: result is [1, 2], expected [2, 1].",
            () => device.SumCells(pattern, sums, on.Allocate(1, 2)));
        Says("Entropy: pattern is [2, 1], expected 3 axes.", () => device.Entropy(result, result));
        Says("Entropy: result is [2, 1], expected [2, 3].", () => device.Entropy(pattern, result));
    });

    [Fact]
    public void The_entropy_of_equal_shares_is_the_logarithm_of_their_number() => EachLength(keys =>
    {
        if (keys == 0)
            return;
        // Two heads of two queries; zeros behind the shares change nothing.
        float[] row = [.. Enumerable.Repeat(1f / keys, keys), 0, 0, 0];
        var expected = (float)Math.Log(keys);
        Near(
            [expected, expected, expected, expected],
            Compute(on => Entropy(on, [.. row, .. row, .. row, .. row], 2, 2)), Repeated(1 + expected, 4),
            $"{keys} keys");
    });

    [Fact]
    public void The_entropy_of_one_key_and_of_padding_is_0() => EachLength(keys =>
    {
        var pattern = new float[2 * keys];
        if (keys > 0)
            pattern[keys / 2] = 1;
        Assert.Equal([0, 0], Compute(on => Entropy(on, pattern, 1, 2)));
    });

    [Fact]
    public void Computes_entropies_by_hand() =>
        // ln 2; 0.25 ln 4 + 0.75 ln(4/3); −2 ln 2 − 0.5 ln 0.5; 1e-30 · 30 ln 10.
        Near(
            [0.6931472f, 0.5623351f, -1.0397208f, 6.9077553e-29f],
            Compute(on => Entropy(on, [0.5f, 0.5f, 0.25f, 0.75f, 2, 0.5f, 1e-30f, 0], 1, 4)), [1, 1, 2, 1e-28f]);

    [Fact]
    public void Computes_the_entropy_of_rows_of_any_number_of_keys() => EachLength(keys =>
    {
        // Probabilities from 1 down to 1e-20, and zeros.
        float[] pattern =
        [
            .. Numbers(keys, 3 * 5 * keys).Select(number => number > 0.8f ? 0 : MathF.Pow(10, 10 * number - 10)),
        ];
        AgreesWithPlain(on => Entropy(on, pattern, 3, 5), Repeated(1 + 0.4f * keys, 15), $"{keys} keys");
    });

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-0.25f)]
    [InlineData(-1e-30f)]
    public void The_entropy_of_what_is_no_probability_is_no_number(float number) => EachLength(keys =>
    {
        for (var place = 0; place < keys; place += 1 + keys / 5)
        {
            var pattern = new float[3 * keys];
            pattern[keys + place] = number;
            Assert.Equal([0, float.NaN, 0], Compute(on => Entropy(on, pattern, 1, 3)));
        }
    });

    void SumsAgree(int heads, CellSums sums, string what)
    {
        var pattern = Numbers(2, heads * sums.Queries * sums.Keys);
        CellSums magnitudes = new(
            sums.Queries, sums.Keys, sums.Starts, sums.Cells, [.. sums.Weights.Select(Math.Abs)]);
        AgreesWithPlain(
            on => SumCells(on, pattern, heads, sums),
            Workbench.On(plain, on => SumCells(on, Magnitudes(pattern), heads, magnitudes)), what);
    }

    static CellSums CellsOf(int seed, int queries, int keys, int[] lengths)
    {
        var random = new Random(seed);
        List<int> starts = [0];
        foreach (var length in lengths)
            starts.Add(starts[^1] + length);
        return new(
            queries, keys, [.. starts], [.. Enumerable.Range(0, starts[^1]).Select(_ => random.Next(queries * keys))],
            [.. Numbers(seed, starts[^1])]);
    }

    static float[] SumCells(Workbench on, float[] pattern, int heads, CellSums sums)
    {
        var result = on.Allocate(heads, sums.RowCount);
        on.Device.SumCells(on.Put(pattern, heads, sums.Queries, sums.Keys), sums, result);
        return on.Read(result);
    }

    static float[] Entropy(Workbench on, float[] pattern, int heads, int queries)
    {
        var result = on.Allocate(heads, queries);
        on.Device.Entropy(on.Put(pattern, heads, queries, pattern.Length / heads / queries), result);
        return on.Read(result);
    }
}
