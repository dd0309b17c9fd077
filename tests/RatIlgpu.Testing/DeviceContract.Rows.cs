using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Gathers_rows_of_every_format() => EachLength(width =>
    {
        var table = Numbers(width, 4 * width);
        foreach (var format in WeightFormats)
            AgreesWithPlain(
                on => Gather(on, on.Weights(format, table, 4, width), [3, 0, 0, 2, 1]),
                magnitude: new float[5 * width]);
    });

    [Fact]
    public void Widens_every_F16_number_exactly() =>
        WidensEvery(DataType.F16, bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits));

    [Fact]
    public void Widens_every_BF16_number_exactly() =>
        WidensEvery(DataType.BF16, bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));

    [Fact]
    public void Norms_rows_of_every_width() => EachLength(width =>
    {
        foreach (var format in WeightFormats)
        {
            var (x, gain) = (Numbers(5, 3 * width), Numbers(6, width));
            AgreesWithPlain(
                on => RmsNorm(on, x, on.Weights(format, gain, width), 1e-6f), what: $"{format}, width {width}");
        }
    });

    [Fact]
    public void No_rows_at_the_end_of_a_tensor_are_none_to_compute()
    {
        using var bench = new Workbench(Device);
        var (x, result) = (bench.Put(Numbers(5, 2 * 4), 2, 4), bench.Put(Numbers(6, 2 * 4), 2, 4));
        using var all = Device.Allocate(2, 4);
        var none = all.Slice(2, 0);
        Device.RmsNorm(none, bench.Put([1, 1, 1, 1], 4), 1, none);
        Device.Linear(none, bench.Put(Numbers(7, 4 * 4), 4, 4), null, all.Slice(2, 0));
        Device.Rotate(none.Reshape(0, 1, 4), none, none.Reshape(0, 1, 4));
        Device.Copy(none, all.Slice(2, 0));
        Device.Copy(x, result);
        Assert.Equal(bench.Read(x), bench.Read(result));
    }

    [Fact]
    public void Norms_by_hand() =>
        // The mean square is 4, and 4 + 5 = 3².
        Near([2, 4, -2, 4], Compute(on => RmsNorm(on, [2, 2, -2, 2], on.Put([3, 6], 2), 5)), [2, 4, 2, 4]);

    [Fact]
    public void Norms_in_place()
    {
        var (x, gain) = (Numbers(5, 3 * 19), Numbers(6, 19));
        AgreesWithPlain(on =>
        {
            var rows = on.Put(x, 3, 19);
            on.Device.RmsNorm(rows, on.Put(gain, 19), 1e-6f, rows);
            return on.Read(rows);
        });
    }

    [Fact]
    public void Norms_more_rows_than_one_thread_should()
    {
        var (x, gain) = (Numbers(5, 300 * 100), Numbers(6, 100));
        AgreesWithPlain(on => RmsNorm(on, x, on.Put(gain, 100), 1e-6f));
    }

    [Fact]
    public void A_quarter_turn_swaps_a_pair() => Assert.Equal([-3, -4, 1, 2], Compute(on =>
    {
        var turned = on.Allocate(1, 1, 4);
        on.Device.Rotate(on.Put([1, 2, 3, 4], 1, 1, 4), on.Put([0, 0, 1, 1], 1, 4), turned);
        return on.Read(turned);
    }));

    [Fact]
    public void Rotates_heads_of_every_size() => EachLength(half =>
    {
        var (x, angles) = (Numbers(7, 3 * 2 * 2 * half), Angles(3, half));
        AgreesWithPlain(on =>
        {
            var turned = on.Allocate(3, 2, 2 * half);
            on.Device.Rotate(on.Put(x, 3, 2, 2 * half), on.Put(angles, 3, 2 * half), turned);
            return on.Read(turned);
        });
    });

    [Fact]
    public void Rotates_in_place()
    {
        var (x, angles) = (Numbers(7, 200 * 3 * 34), Angles(200, 17));
        AgreesWithPlain(on =>
        {
            var heads = on.Put(x, 200, 3, 34);
            on.Device.Rotate(heads, on.Put(angles, 200, 34), heads);
            return on.Read(heads);
        });
    }

    void WidensEvery(DataType format, Func<int, float> number)
    {
        float[] every = [.. Enumerable.Range(0, 1 << 16).Select(number)];
        int[] rows = [.. Enumerable.Range(0, 256)];
        Assert.Equal(every, Compute(on => Gather(on, on.Weights(format, every, 256, 256), rows)));
    }

    static float[] Gather(Workbench on, Tensor table, int[] rows)
    {
        var result = on.Allocate(rows.Length, table.Shape[1]);
        on.Device.Gather(table, rows, result);
        return on.Read(result);
    }

    static float[] RmsNorm(Workbench on, float[] x, Tensor gain, float epsilon)
    {
        var width = gain.Shape[0];
        var rows = width == 0 ? 3 : x.Length / width;
        var result = on.Allocate(rows, width);
        on.Device.RmsNorm(on.Put(x, rows, width), gain, epsilon, result);
        return on.Read(result);
    }

    // For each position the cosines of its pairs, then their sines.
    static float[] Angles(int positions, int half) =>
        [.. Enumerable.Range(0, positions).SelectMany(position => Enumerable.Range(0, 2 * half).Select(i =>
            i < half ? MathF.Cos(position * (i + 0.5f)) : MathF.Sin(position * (i - half + 0.5f))))];
}
