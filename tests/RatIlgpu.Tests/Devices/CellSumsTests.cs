using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Devices;

public sealed class CellSumsTests
{
    [Fact]
    public void Knows_its_rows_and_cells()
    {
        CellSums sums = new(2, 3, [0, 2, 2, 3], [5, 0, 5], [1, -2, 0.5f]);
        Assert.Equal((2, 3, 3), (sums.Queries, sums.Keys, sums.RowCount));
        Assert.Equal([0, 2, 2, 3], sums.Starts);
        Assert.Equal([5, 0, 5], sums.Cells);
        Assert.Equal([1, -2, 0.5f], sums.Weights);
    }

    [Fact]
    public void Adds_up_a_head_in_double()
    {
        CellSums sums = new(2, 2, [0, 2, 2, 4], [0, 3, 1, 1], [2, -0.5f, 1, 3]);
        var result = new double[3];
        // 2 · 0.1 − 0.5 · 0.4 and 4 · 1e-20: no F32 could tell the first from 0 so well.
        sums.Sum([0.1, 1e-20, 7, 0.4], result);
        Assert.Equal([0, 0, 4e-20], result);
    }

    [Fact]
    public void The_cells_of_a_row_are_added_in_their_order()
    {
        var result = new double[2];
        new CellSums(1, 3, [0, 3, 6], [0, 1, 2, 0, 2, 1], [1, 1, 1, 1, 1, 1]).Sum([1e20, 1, -1e20], result);
        Assert.Equal([0, 1], result);
    }

    [Fact]
    public void Arrays_that_were_not_made_are_empty() =>
        Assert.Empty(new CellSums(1, 1, [0], default, default).Cells);

    [Fact]
    public void Says_what_is_wrong_with_its_starts()
    {
        Says("CellSums: there are no starts, expected 0 first.", () => new(1, 1, default, [], []));
        Says("CellSums: starts[0] is 1, expected 0.", () => new(1, 1, [1], [0], [1]));
        Says(
            "CellSums: starts[2] is 1, expected at least 2, the start before it.",
            () => new(1, 1, [0, 2, 1], [0, 0], [1, 1]));
        Says("CellSums: starts[1] is 1, expected 2, the number of cells.", () => new(1, 1, [0, 1], [0, 0], [1, 1]));
        Says("CellSums: starts[1] is 3, expected 2, the number of cells.", () => new(1, 1, [0, 3], [0, 0], [1, 1]));
    }

    [Fact]
    public void Says_what_is_wrong_with_its_cells_and_weights()
    {
        foreach (var cell in (int[])[-1, 6])
            Says(
                $"CellSums: cells[1] is {cell}, a pattern has the cells 0 to 5.",
                () => new(2, 3, [0, 2], [0, cell], [1, 1]));
        Says(
            "CellSums: there are 1 weights, expected 2, one for each cell.", () => new(2, 3, [0, 2], [0, 1], [1]));
        Says(
            "CellSums: weights[1] is NaN, expected a finite number.",
            () => new(2, 3, [0, 2], [0, 1], [1, float.NaN]));
    }

    [Fact]
    public void Says_what_is_wrong_with_its_sizes()
    {
        Says(
            "CellSums: 65536 queries and 32768 keys are more than 2147483647 cells.",
            () => new(65_536, 32_768, [0], [], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CellSums(-1, 1, [0], [], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CellSums(1, -1, [0], [], []));
    }

    [Fact]
    public void Says_which_length_of_a_sum_does_not_fit()
    {
        CellSums sums = new(2, 3, [0, 1], [0], [1]);
        SaysOf("CellSums: the pattern has 5 cells, expected 2 · 3.", () => sums.Sum(new double[5], new double[1]));
        SaysOf("CellSums: result has room for 2 numbers, expected 1.", () => sums.Sum(new double[6], new double[2]));
    }

    static void Says(string message, Func<CellSums> make) => SaysOf(message, () => _ = make());

    static void SaysOf(string message, Action attempt) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(attempt).Message.Split(" (Parameter")[0]);
}
