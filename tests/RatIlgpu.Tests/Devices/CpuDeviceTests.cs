using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Devices;

public sealed class CpuDeviceTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Bits_do_not_depend_on_the_number_of_threads(int threads)
    {
        foreach (var level in Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported))
        {
            using CpuDevice one = new(1, level), many = new(threads, level);
            Assert.Equal(EveryOperation(one), EveryOperation(many));
        }
    }

    public static TheoryData<SimdLevel> Levels => [.. Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported)];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Bits_of_a_row_do_not_depend_on_the_rows_beside_it(SimdLevel level)
    {
        using var device = new CpuDevice(2, level);
        using var on = new Workbench(device);
        const int Rows = 70, Inputs = 1301, Outputs = 59;
        foreach (var format in (DataType[])[DataType.F32, DataType.F16, DataType.BF16])
        {
            var weight = on.Weights(format, Numbers(1, Outputs * Inputs), Outputs, Inputs);
            var x = on.Put(Numbers(2, Rows * Inputs), Rows, Inputs);
            var (product, sum, gated, normed) = (
                on.Allocate(Rows, Outputs), on.Put(Numbers(3, Rows * Outputs), Rows, Outputs),
                on.Allocate(Rows, Outputs), on.Allocate(Rows, Outputs));
            foreach (var (start, count) in ((int, int)[])[(0, Rows), (0, 1), (69, 1), (3, 5), (1, 33), (31, 39)])
                Assert.Equal(
                    Whole().AsSpan(start * 4 * Outputs, count * 4 * Outputs).ToArray(), Some(start, count));

            float[] Whole() => Some(0, Rows);

            float[] Some(int start, int count)
            {
                Tensor Cut(Tensor tensor) => tensor.Slice(start, count);
                device.Upload(Numbers(3, Rows * Outputs), sum);
                device.Linear(Cut(x), weight, null, Cut(product));
                device.AddLinear(Cut(x), weight, Cut(sum));
                device.SwiGlu(Cut(product), Cut(sum), Cut(gated));
                device.RmsNorm(Cut(gated), on.Put(Numbers(4, Outputs), Outputs), 1e-6f, Cut(normed));
                var parts = ((Tensor[])[product, sum, gated, normed]).Select(part => on.Read(part)).ToArray();
                return
                [
                    .. Enumerable.Range(start, count).SelectMany(
                        row => parts.SelectMany(part => part.AsSpan(row * Outputs, Outputs).ToArray())),
                ];
            }
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Bits_of_a_row_are_the_same_in_a_product_of_more_rows_than_are_copied_at_once(SimdLevel level)
    {
        using var device = new CpuDevice(1, level);
        using var on = new Workbench(device);
        const int Rows = 600, Inputs = 1301, Outputs = 103;
        var weight = on.Weights(DataType.BF16, Numbers(1, Outputs * Inputs), Outputs, Inputs);
        var (x, product) = (on.Put(Numbers(2, Rows * Inputs), Rows, Inputs), on.Allocate(Rows, Outputs));
        device.Linear(x, weight, null, product);
        var whole = on.Read(product);
        foreach (var row in (int[])[0, 255, 256, 511, 512, 599])
        {
            var alone = on.Allocate(1, Outputs);
            device.Linear(x.Slice(row, 1), weight, null, alone);
            Assert.Equal(whole.AsSpan(row * Outputs, Outputs).ToArray(), on.Read(alone));
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void Bits_of_a_query_do_not_depend_on_its_neighbours_and_later_keys(SimdLevel level)
    {
        using var device = new CpuDevice(2, level);
        using var on = new Workbench(device);
        const int Keys = 300, Heads = 6, KeyHeads = 2, Size = 20;
        var query = on.Put(Numbers(1, Keys * Heads * Size), Keys, Heads, Size);
        var key = on.Put(Numbers(2, Keys * KeyHeads * Size), Keys, KeyHeads, Size);
        var value = on.Put(Numbers(3, Keys * KeyHeads * Size), Keys, KeyHeads, Size);
        var mask = on.Put([.. Enumerable.Range(0, Keys).Select(k => k % 7 == 3 ? 0f : 1f)], Keys);
        foreach (var window in (int[])[int.MaxValue, 9, 270])
        {
            var whole = Attend(0, Keys, window);
            foreach (var (start, count) in ((int, int)[])[(0, 1), (0, 9), (5, 1), (17, 3), (250, 50), (299, 1)])
                Assert.Equal(
                    whole.AsSpan(start * Heads * Size, count * Heads * Size).ToArray(), Attend(start, count, window));
        }

        float[] Attend(int start, int count, int window)
        {
            var (seen, result) = (start + count, on.Allocate(count, Heads, Size));
            device.Attend(
                query.Slice(start, count), key.Slice(0, seen), value.Slice(0, seen),
                new(window, mask.Slice(0, seen)), result);
            return on.Read(result);
        }
    }

    internal static float[] Numbers(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 4 - 2)];
    }

    [Fact]
    public void Says_how_many_threads_and_which_level()
    {
        using CpuDevice one = new(1, SimdLevel.Scalar), three = new(3, SimdLevel.Scalar);
        Assert.Equal("1 thread, Scalar", one.Description);
        Assert.Equal("3 threads, Scalar", three.Description);
        Assert.Equal((1, 3), (one.ThreadCount, three.ThreadCount));
    }

    [Fact]
    public void Refuses_a_negative_number_of_threads() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuDevice(-1));

    [Fact]
    public void Refuses_a_tensor_of_another_device()
    {
        using var device = new CpuDevice(1);
        using var foreign = new ForeignTensor();
        using var here = device.Allocate(2);
        var error = Assert.Throws<ArgumentException>(() => device.Add(foreign, here, here));
        Assert.Equal("A tensor F32 [2] of another device was given, expected one in host memory.", error.Message);
    }

    // Large enough that each operation is shared among threads.
    internal static float[] EveryOperation(Device device)
    {
        using var on = new Workbench(device);
        var random = new Random(1);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];

        var x = on.Put(Numbers(61 * 1330), 61, 1330);
        var (normed, middle, sum) = (on.Allocate(61, 1330), on.Allocate(61, 770), on.Allocate(61, 770));
        device.RmsNorm(x, on.Put(Numbers(1330), 1330), 1e-6f, normed);
        device.Linear(
            normed, on.Weights(DataType.BF16, Numbers(770 * 1330), 770, 1330), on.Put(Numbers(770), 770), middle);
        device.AddLinear(normed, on.Weights(DataType.F16, Numbers(770 * 1330), 770, 1330), middle);
        device.SwiGlu(middle, middle, sum);
        device.Add(sum, middle, sum);
        var query = sum.Reshape(61, 11, 70);
        device.Rotate(query, on.Put(Numbers(61 * 70), 61, 70), query);
        var (pattern, rows) = (on.Allocate(11, 61, 61), on.Allocate(61, 61));
        var (mixed, attended) = (on.Allocate(61, 11, 70), on.Allocate(61, 11, 70));
        device.Scores(query, query, pattern);
        device.CausalSoftmax(pattern, Visibility.Causal, pattern);
        device.Mix(pattern, query, mixed);
        device.Attend(query, query, query, Visibility.Causal, attended);
        device.AggregatePattern(
            query, query, Visibility.Causal, HeadAggregation.Mean, [.. Enumerable.Range(0, 61)], rows);
        CellSums cells = new(
            61, 61, [0, 1, 1, 61, 61 * 61], [.. Enumerable.Range(0, 61 * 61)], [.. Numbers(61 * 61)]);
        var (sums, entropies) = (on.Allocate(11, 4), on.Allocate(11, 61));
        device.SumCells(pattern, cells, sums);
        device.Entropy(pattern, entropies);
        var flow = on.Allocate(61, 61);
        device.FlowRows(
            pattern, query, on.Weights(DataType.BF16, Numbers(770 * 770), 770, 770), middle, sum, flow);
        return
        [
            .. on.Read(sum), .. on.Read(pattern), .. on.Read(mixed), .. on.Read(attended), .. on.Read(rows),
            .. on.Read(sums), .. on.Read(entropies), .. on.Read(flow),
        ];
    }

    sealed class ForeignTensor() : Tensor(new Shape(2), DataType.F32)
    {
        public override void Dispose()
        {
        }

        protected override Tensor View(Shape shape, long offset) => throw new NotSupportedException();
    }
}
