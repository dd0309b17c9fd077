using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class ChangeSpectrumTests
{
    [Theory]
    [InlineData(5, 9)]
    [InlineData(9, 5)]
    [InlineData(40, 300)]
    [InlineData(300, 40)]
    [InlineData(300, 310)]
    public void A_product_of_three_columns_and_three_rows_has_rank_3(int rows, int columns)
    {
        var (rank, effective) = SpectrumOf(rows, columns, 3).Find(0);
        Assert.Equal(3, rank);
        if (Math.Min(rows, columns) <= ChangeSpectrum.MostExact)
            Assert.InRange(effective!.Value, 1, 3 + 1e-9);
        else
            Assert.Null(effective);
    }

    [Fact]
    public void A_large_matrix_keeps_ranks_up_to_64_and_says_nothing_of_larger_ones()
    {
        Assert.Equal(64, SpectrumOf(300, 310, 64).Find(0).Rank);
        Assert.Null(SpectrumOf(300, 310, 200).Find(0).Rank);
    }

    [Fact]
    public void The_effective_rank_of_equal_singular_values_is_their_number()
    {
        var spectrum = new ChangeSpectrum(4, 6);
        spectrum.Add([0, 2, 0, 0, 0, 0]);
        spectrum.Add([0, 0, 0, 0, 0, 0]);
        spectrum.Add([2, 0, 0, 0, 0, 0]);
        spectrum.Add([0, 0, 0, -2, 0, 0]);
        var (rank, effective) = spectrum.Find(0);
        Assert.Equal(3, rank);
        Assert.Equal(3, effective!.Value, 1e-9);
    }

    [Fact]
    public void No_change_has_rank_0() => Assert.Equal((0, 0.0), new ChangeSpectrum(3, 3).Find(1));

    // Of 4 + 4 numbers a side, errors of 0.01 make a singular value of 0.04 at most, in the mean.
    [Fact]
    public void Singular_values_that_rounding_alone_would_make_do_not_count()
    {
        var spectrum = new ChangeSpectrum(4, 4);
        spectrum.Add([1, 0, 0, 0]);
        spectrum.Add([0, 0.05, 0, 0]);
        spectrum.Add([0, 0, 0.07, 0]);
        Assert.Equal(3, spectrum.Find(0).Rank);
        Assert.Equal(2, spectrum.Find(1e-4).Rank);
        Assert.Equal(0, spectrum.Find(1).Rank);
    }

    [Theory]
    [InlineData(1f, DataType.F32, -23)]
    [InlineData(-3.5f, DataType.F32, -22)]
    [InlineData(1.5f, DataType.BF16, -7)]
    [InlineData(0.75f, DataType.F16, -11)]
    [InlineData(1e-7f, DataType.F16, -24)]
    [InlineData(0f, DataType.F16, -24)]
    public void The_step_of_a_number_is_that_of_its_format(float number, DataType format, int exponent) =>
        Assert.Equal(Math.ScaleB(1, exponent), ChangeSum.StepOf(number, format));

    static ChangeSpectrum SpectrumOf(int rows, int columns, int rank)
    {
        var random = new Random(3);
        double[][] left = [.. Enumerable.Range(0, rows).Select(_ => Draw(rank))];
        double[][] right = [.. Enumerable.Range(0, rank).Select(_ => Draw(columns))];
        var spectrum = new ChangeSpectrum(rows, columns);
        foreach (var weights in left)
            spectrum.Add([.. Enumerable.Range(0, columns).Select(column =>
                weights.Zip(right, (weight, row) => weight * row[column]).Sum())]);
        return spectrum;

        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
    }
}
