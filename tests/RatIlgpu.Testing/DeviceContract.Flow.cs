using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Tells_the_flow_of_one_query_by_hand()
    {
        // One head of size 1, whose weights write (v, v). With the stream before, (4, −1), the parts (0.5, 0.5) of
        // key 0 and (−0.75, −0.75) of key 1 make (3.75, −1.25), of length 5. Without the stream (−0.25, −0.25) is left,
        // of length 0.5, without a part (3.25, −1.75) or (4.5, −0.5), both of length 5: only the stream comes near.
        var found = Compute(on => Flow(
            on, new(1, 1, 2, 1, 1, 2), [0.5f, 0.5f], [1, -1.5f], [1, 1], [4, -1], [3.75f, -1.25f]));
        Near([0, 1], found);
    }

    [Fact]
    public void A_part_has_its_share_of_what_is_near()
    {
        // Parts (1, 0) and (0, 2), before (1, 1): the whole is (2, 3), and lengths 1, 2 and 2 of 5.
        var found = Compute(on => Flow(
            on, new(2, 1, 2, 2, 1, 2), [1, 0, 0, 1], [1, 7, 7, 2], [1, 0, 0, 1], [1, 1], [2, 3]));
        Near([0.2f, 0.8f], found);
    }

    [Fact]
    public void A_stream_that_nothing_comes_near_to_stays()
    {
        // The parts cancel: the whole is 0, and nothing is nearer to it than nothing.
        Assert.Equal([0, 1], Compute(on => Flow(on, new(1, 1, 2, 1, 1, 2), [1, 0], [1, 1], [1, 2], [-1, -2], [0, 0])));
        Assert.Equal([1], Compute(on => Flow(on, new(1, 1, 1, 1, 1, 2), [0], [0], [0, 0], [0, 0], [0, 0])));
    }

    [Fact]
    public void Keys_after_a_query_have_no_share()
    {
        // A query that sees no key attends to all of them evenly.
        var found = Compute(on => Flow(
            on, new(1, 3, 4, 1, 1, 1), Repeated(0.25f, 12), [1, 1, 1, 1], [1], [1, 1, 1], [2, 2, 2]));
        Near([1f / 6, 5f / 6, 0, 0, 1f / 7, 1f / 7, 5f / 7, 0, 0.125f, 0.125f, 0.125f, 0.625f], found);
    }

    [Fact]
    public void Rows_of_flow_agree_for_any_width() => EachLength(width =>
    {
        foreach (var format in WeightFormats)
            FlowAgrees(new(4, 3, 5, 2, 3, width), format, $"width {width}, {format}");
    });

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(14, 21, 21, 2, 64)]
    [InlineData(6, 7, 40, 6, 5)]
    [InlineData(2, 41, 50, 1, 128)]
    public void Rows_of_flow_agree_for_any_heads(int heads, int queries, int keys, int keyHeads, int size)
    {
        foreach (var format in WeightFormats)
            FlowAgrees(new(heads, queries, keys, keyHeads, size, Many(300)), format, $"{format}");
    }

    [Fact]
    public void Blocks_of_queries_have_the_rows_of_all()
    {
        FlowCase sizes = new(4, 9, 9, 2, 8, 40), block = sizes with { Queries = 4, Keys = 7 };
        var (pattern, value, weight, before, after) = sizes.Numbers();
        float[] part =
            [.. Enumerable.Range(0, 4 * 4 * 7).Select(i => pattern[(i / 28 * 9 + 3 + i / 7 % 4) * 9 + i % 7])];
        var whole = Compute(on => Flow(on, sizes, pattern, value, weight, before, after));
        var rows = Compute(on => Flow(
            on, block, part, value[..(7 * 2 * 8)], weight, before[(3 * 40)..(7 * 40)], after[(3 * 40)..(7 * 40)]));
        Near([.. Enumerable.Range(3, 4).SelectMany(q => whole[(q * 9)..(q * 9 + 7)])], rows);
    }

    [Fact]
    public void What_is_no_number_makes_no_share_of_its_row()
    {
        FlowCase sizes = new(2, 3, 3, 1, 4, 20);
        var (pattern, value, weight, before, after) = sizes.Numbers();
        after[25] = float.NaN;
        var found = Compute(on => Flow(on, sizes, pattern, value, weight, before, after));
        Assert.All(found[3..5], number => Assert.True(float.IsNaN(number)));
        Assert.DoesNotContain(float.NaN, found[..3]);
        Assert.DoesNotContain(float.NaN, found[6..]);
    }

    [Fact]
    public void No_query_has_no_flow() =>
        Assert.Empty(Compute(on => Flow(on, new(2, 0, 3, 1, 2, 4), [], Numbers(1, 6), Numbers(2, 16), [], [])));

    [Fact]
    public void Says_what_is_wrong_with_rows_of_flow() => Refuses(on =>
    {
        var (pattern, value, weight, stream) =
            (on.Allocate(4, 2, 3), on.Allocate(3, 2, 5), on.Allocate(8, 20), on.Allocate(2, 8));
        var (result, device) = (on.Allocate(2, 3), on.Device);
        void Flow(string message, Tensor p, Tensor v, Tensor w, Tensor x, Tensor y, Tensor z) =>
            Says($"FlowRows: {message}.", () => device.FlowRows(p, v, w, x, y, z));

        Flow("pattern is [2, 3], expected 3 axes", result, value, weight, stream, stream, result);
        Flow("2 keys are fewer than the 3 queries", on.Allocate(4, 3, 2), value, weight, stream, stream, result);
        Flow("value has 3 heads, which do not divide 4", pattern, on.Allocate(3, 3, 5), weight, stream, stream, result);
        Flow("value is [2, 2, 5], expected [3, 2, 5]", pattern, on.Allocate(2, 2, 5), weight, stream, stream, result);
        Flow("weight is [8, 10], expected [8, 20]", pattern, value, on.Allocate(8, 10), stream, stream, result);
        Flow("before is [2, 3], expected [2, 8]", pattern, value, weight, result, stream, result);
        Flow("after is [2, 3], expected [2, 8]", pattern, value, weight, stream, result, result);
        Flow("result is [2, 8], expected [2, 3]", pattern, value, weight, stream, stream, stream);
    });

    void FlowAgrees(FlowCase sizes, DataType format, string what)
    {
        var (pattern, value, weight, before, after) = sizes.Numbers();
        AgreesWithPlain(
            on => Flow(on, sizes, pattern, value, weight, before, after, format), FlowMagnitude(sizes), what);
    }

    // Shares of a row are sums over the width and the size of a head, of terms that partly cancel, over the sum of all.
    static float[] FlowMagnitude(FlowCase sizes) =>
        Repeated(1 + MathF.Sqrt(sizes.Size) / 8, sizes.Queries * sizes.Keys);

    static float[] Flow(
        Workbench on, FlowCase sizes, float[] pattern, float[] value, float[] weight, float[] before, float[] after,
        DataType format = DataType.F32)
    {
        var result = on.Allocate(sizes.Queries, sizes.Keys);
        on.Device.FlowRows(
            on.Put(pattern, sizes.Heads, sizes.Queries, sizes.Keys),
            on.Put(value, sizes.Keys, sizes.KeyHeads, sizes.Size),
            on.Weights(format, weight, sizes.Width, sizes.Heads * sizes.Size),
            on.Put(before, sizes.Queries, sizes.Width), on.Put(after, sizes.Queries, sizes.Width), result);
        return on.Read(result);
    }

    sealed record FlowCase(int Heads, int Queries, int Keys, int KeyHeads, int Size, int Width)
    {
        // The stream before comes near to the stream after, as in a model: the sum of a row is not small.
        public (float[] Pattern, float[] Value, float[] Weight, float[] Before, float[] After) Numbers()
        {
            var before = DeviceContract.Numbers(4, Queries * Width);
            return (
                [.. DeviceContract.Numbers(1, Heads * Queries * Keys).Select(number => Math.Max(0, number))],
                DeviceContract.Numbers(2, Keys * KeyHeads * Size),
                DeviceContract.Numbers(3, Width * Heads * Size, 0.3f),
                before,
                [.. before.Zip(DeviceContract.Numbers(5, Queries * Width), (x, noise) => 1.5f * x + 0.5f * noise)]);
        }
    }
}
