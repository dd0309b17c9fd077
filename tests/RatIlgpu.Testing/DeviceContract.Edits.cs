using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Fills_the_rows_asked_and_no_other() => Assert.Equal(
        [7, 7, 3, 4, 7, 7],
        Compute(on => Edit(on, [1, 2, 3, 4, 5, 6], 3, rows => on.Device.FillRows(7, [0, 2], rows))));

    [Fact]
    public void Scales_the_rows_asked_and_no_other() => Assert.Equal(
        [1, 2, -6, -8, 5, 6],
        Compute(on => Edit(on, [1, 2, 3, 4, 5, 6], 3, rows => on.Device.ScaleRows(-2, [1], rows))));

    [Fact]
    public void Copies_the_rows_asked_and_no_other() => Assert.Equal(
        [30, 40, 3, 4, 30, 40, 10, 20],
        Compute(on => Edit(on, [1, 2, 3, 4, 5, 6, 7, 8], 4, rows =>
            on.Device.CopyRows(on.Put([10, 20, 30, 40], 2, 2), [1, 1, 0], [0, 2, 3], rows))));

    [Fact]
    public void Adds_to_the_rows_asked_and_no_other() => Assert.Equal(
        [31, 42, 3, 4, 15, 26],
        Compute(on => Edit(on, [1, 2, 3, 4, 5, 6], 3, rows =>
            on.Device.AddRows(on.Put([10, 20, 30, 40], 2, 2), [1, 0], [0, 2], rows))));

    [Fact]
    public void Fills_a_row_up_with_zeros_where_the_source_is_narrower() => Assert.Equal(
        [1, 2, 3, 9, 0, 0],
        Compute(on => Edit(on, [1, 2, 3, 4, 5, 6], 2, rows => on.Device.CopyRows(on.Put([9], 1, 1), [0], [1], rows))));

    [Fact]
    public void Cuts_a_row_where_the_source_is_wider() => Assert.Equal(
        [1, 2, 7, 8, 5, 6],
        Compute(on => Edit(on, [1, 2, 3, 4, 5, 6], 3, rows =>
            on.Device.CopyRows(on.Put([9, 9, 9, 7, 8, 9], 2, 3), [1], [1], rows))));

    [Fact]
    public void Edits_rows_of_every_width() => EachLength(width =>
    {
        var (x, y) = (Numbers(1, 5 * width), Numbers(2, 3 * width));
        AgreesWithPlain(
            on => Edit(on, x, 5, rows =>
            {
                var source = on.Put(y, 3, width);
                on.Device.FillRows(0.5f, [4], rows);
                on.Device.ScaleRows(-1.5f, [0, 3], rows);
                on.Device.CopyRows(source, [2, 0], [1, 2], rows);
                on.Device.AddRows(source, [1, 1, 0], [1, 3, 4], rows);
            }),
            what: $"width {width}");
    });

    [Fact]
    public void Edits_every_number_of_rows() => EachLength(count =>
    {
        var (x, y) = (Numbers(1, 3 * (count + 2)), Numbers(2, 3 * (count + 2)));
        // Every row but the first and the last, from the last to the first.
        int[] rows = [.. Enumerable.Range(1, count)], sourceRows = [.. rows.Reverse()];
        AgreesWithPlain(
            on => Edit(on, x, count + 2, edited =>
            {
                var source = on.Put(y, count + 2, 3);
                on.Device.CopyRows(source, sourceRows, rows, edited);
                on.Device.ScaleRows(3, rows, edited);
                on.Device.AddRows(source, sourceRows, rows, edited);
            }),
            what: $"{count} rows");
    });

    [Fact]
    public void Edits_more_rows_than_one_thread_should()
    {
        const int Rows = 400, Width = 300;
        var (x, y) = (Numbers(1, Rows * Width), Numbers(2, Rows * Width));
        int[] odd = [.. Enumerable.Range(0, Rows).Where(row => row % 2 == 1)];
        int[] even = [.. odd.Select(row => Rows - 1 - row)];
        AgreesWithPlain(on => Edit(on, x, Rows, rows =>
        {
            var source = on.Put(y, Rows, Width);
            on.Device.ScaleRows(0.25f, odd, rows);
            on.Device.AddRows(source, even, odd, rows);
            on.Device.CopyRows(source, odd, [.. even.Order()], rows);
            on.Device.FillRows(-2, odd.AsSpan(0, 9), rows);
        }));
    }

    [Fact]
    public void Zero_times_infinity_is_no_number_but_a_filled_row_is_the_number() => Assert.Equal(
        [float.NaN, 0],
        Compute(on => Edit(on, [float.PositiveInfinity, float.PositiveInfinity], 2, rows =>
        {
            on.Device.ScaleRows(0, [0], rows);
            on.Device.FillRows(0, [1], rows);
        })));

    [Fact]
    public void Says_which_rows_cannot_be_edited() => Refuses(on =>
    {
        var (x, wide, v, device) = (on.Allocate(2, 3), on.Allocate(2, 4), on.Allocate(4), on.Device);
        Says("FillRows: destination is [4], expected 2 axes.", () => device.FillRows(1, [0], v));
        Says("ScaleRows: row 2 asked of destination [2, 3].", () => device.ScaleRows(1, [2], x));
        Says("FillRows: row 0 follows row 1, expected ascending rows.", () => device.FillRows(1, [1, 0], x));
        Says("AddRows: row 1 follows row 1, expected ascending rows.", () => device.AddRows(x, [0, 0], [1, 1], x));
        Says("CopyRows: row -1 asked of source [2, 3].", () => device.CopyRows(x, [-1], [0], x));
        Says("CopyRows: 2 rows of the source were given for 1 rows.", () => device.CopyRows(x, [0, 1], [0], x));
        Says("AddRows: source is [2, 4], expected [2, 3].", () => device.AddRows(wide, [0], [0], x));
        Says("CopyRows: source is [4], expected 2 axes.", () => device.CopyRows(v, [0], [0], x));
        var half = on.Weights(DataType.F16, [1, 2, 3, 4], 2, 2);
        Says("AddRows: source is F16, expected F32.", () => device.AddRows(half, [0], [0], on.Allocate(2, 2)));
        Says("FillRows: destination is F16, expected F32.", () => device.FillRows(0, [0], half));
    });

    // The numbers of a matrix of so many rows after an edit.
    static float[] Edit(Workbench on, float[] x, int count, Action<Tensor> edit)
    {
        var rows = on.Put(x, count, x.Length / count);
        edit(rows);
        return on.Read(rows);
    }
}
