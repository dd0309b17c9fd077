using RatIlgpu.Devices;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(DeviceLaws)])]
public sealed class DeviceLaws : IDisposable
{
    readonly Device[] devices = [new PlainDevice(), new CpuDevice(2), new CpuDevice(1, SimdLevel.Scalar)];

    internal static Arbitrary<RowsCase> RowsCases { get; } = Arb.From(
        from rows in Gen.Choose(0, 12)
        from width in Gen.Choose(1, 80)
        from outputs in Gen.Choose(0, 20)
        from seed in Gen.Choose(0, 1000)
        select new RowsCase(rows, width, outputs, seed),
        RowsCase.Smaller);

    [Law]
    public void Linear_of_a_sum_is_the_sum_of_linears(RowsCase sizes)
    {
        var (x, y, weights) = (sizes.Numbers(1, sizes.Width), sizes.Numbers(2, sizes.Width), sizes.Weights());
        foreach (var device in devices)
        {
            float[] Linear(float[] rows) => Workbench.On(device, on =>
            {
                var result = on.Allocate(sizes.Rows, sizes.Outputs);
                on.Device.Linear(
                    on.Put(rows, sizes.Rows, sizes.Width), on.Put(weights, sizes.Outputs, sizes.Width), null, result);
                return on.Read(result);
            });

            Near(Sum(Linear(x), Linear(y)), Linear(Sum(x, y)), sizes.Width);
        }
    }

    [Law]
    public void The_norm_of_a_row_does_not_depend_on_its_length(RowsCase sizes)
    {
        var x = sizes.Numbers(1, sizes.Width);
        foreach (var device in devices)
        {
            float[] Norm(float scale) => Workbench.On(device, on =>
            {
                var rows = on.Put([.. x.Select(number => number * scale)], sizes.Rows, sizes.Width);
                var gain = on.Put(sizes.Numbers(2, 1, sizes.Width), sizes.Width);
                on.Device.RmsNorm(rows, gain, 1e-6f * scale * scale, rows);
                return on.Read(rows);
            });

            // A factor of a power of two changes only exponents, so all bits of the result must be equal.
            Assert.Equal(Norm(1), Norm(1024));
        }
    }

    [Law]
    public void A_pattern_does_not_change_when_every_score_does_alike(RowsCase sizes)
    {
        var keys = sizes.Rows + sizes.Width;
        // Multiples of 1/64 stay exact when an integer is added.
        var scores = sizes.Numbers(1, keys).Select(number => MathF.Round(number * 1000) / 64).ToArray();
        foreach (var device in devices)
        {
            float[] Pattern(int shift) => Workbench.On(device, on =>
            {
                var pattern = on.Put([.. scores.Select(score => score + shift)], 1, sizes.Rows, keys);
                on.Device.CausalSoftmax(pattern, Visibility.Causal, pattern);
                return on.Read(pattern);
            });

            Assert.Equal(Pattern(0), Pattern(sizes.Seed - 500));
        }
    }

    [Law]
    public void Rotation_keeps_the_length_of_a_head(RowsCase sizes)
    {
        var x = sizes.Numbers(1, 2 * sizes.Width);
        foreach (var device in devices)
        {
            var turned = Workbench.On(device, on => Rotate(on, x, sizes.Rows, sizes.Width, sizes.Seed));
            for (var row = 0; row < sizes.Rows; row++)
            {
                var head = (row * 2 * sizes.Width)..((row + 1) * 2 * sizes.Width);
                Near([Dot(x[head], x[head])], [Dot(turned[head], turned[head])], 2 * sizes.Width);
            }
        }
    }

    [Law]
    public void The_score_of_rotated_heads_depends_on_their_distance_only(RowsCase sizes)
    {
        var (width, distance) = (2 * sizes.Width, sizes.Seed % 7);
        var (query, key) = (sizes.Numbers(1, 1, width), sizes.Numbers(2, 1, width));
        foreach (var device in devices)
        {
            float Score(int position) => Dot(
                Workbench.On(device, on => Rotate(on, query, 1, sizes.Width, position + distance)),
                Workbench.On(device, on => Rotate(on, key, 1, sizes.Width, position)));

            Near([Score(0)], [Score(sizes.Seed)], 2 * width);
        }
    }

    public void Dispose()
    {
        foreach (var device in devices)
            device.Dispose();
    }

    static float[] Rotate(Workbench on, float[] x, int rows, int half, int firstPosition)
    {
        var angles = from row in Enumerable.Range(0, rows)
                     from i in Enumerable.Range(0, 2 * half)
                     let angle = (firstPosition + row) * Math.Pow(10_000, -(i % half) / (double)half)
                     select (float)(i < half ? Math.Cos(angle) : Math.Sin(angle));
        var heads = on.Put(x, rows, 1, 2 * half);
        on.Device.Rotate(heads, on.Put([.. angles], rows, 2 * half), heads);
        return on.Read(heads);
    }

    static float[] Sum(float[] x, float[] y) => [.. x.Zip(y, (a, b) => a + b)];

    static float Dot(float[] x, float[] y) => (float)x.Zip(y, (a, b) => (double)a * b).Sum();

    static void Near(float[] expected, float[] actual, float magnitude)
    {
        foreach (var (left, right) in expected.Zip(actual))
            Assert.Equal(left, right, Tolerances.Arithmetic * magnitude);
    }

    /// <summary>The sizes of some rows and of a linear layer on them.</summary>
    public sealed record RowsCase(int Rows, int Width, int Outputs, int Seed)
    {
        public float[] Numbers(int salt, int width) => Numbers(salt, Rows, width);

        public float[] Weights() => Numbers(3, Outputs, Width);

        public float[] Numbers(int salt, int rows, int width)
        {
            var random = new Random(Seed + 1000 * salt);
            return [.. Enumerable.Range(0, rows * width).Select(_ => random.NextSingle() * 2 - 1)];
        }

        public static IEnumerable<RowsCase> Smaller(RowsCase sizes)
        {
            if (sizes.Rows > 0)
                yield return sizes with { Rows = sizes.Rows / 2 };
            if (sizes.Width > 1)
                yield return sizes with { Width = sizes.Width / 2 };
            if (sizes.Outputs > 0)
                yield return sizes with { Outputs = sizes.Outputs / 2 };
            if (sizes.Seed > 0)
                yield return sizes with { Seed = sizes.Seed / 2 };
        }
    }
}
