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

    internal static Arbitrary<AttentionCase> AttentionCases { get; } = Arb.From(
        from queries in Gen.Choose(1, 30)
        from before in Gen.Choose(0, 300)
        from keyHeads in Gen.Choose(1, 3)
        from sharing in Gen.Choose(1, 4)
        from size in Gen.Choose(1, 24)
        from window in Gen.Elements(1, 5, 280, int.MaxValue)
        from seed in Gen.Choose(0, 1000)
        select new AttentionCase(queries, keyHeads * sharing, queries + before, keyHeads, size)
        {
            Window = window,
            Seed = seed,
        },
        Fewer);

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

    [Law(60)]
    internal void Attention_mixes_within_the_values_it_sees(AttentionCase attention)
    {
        var values = attention.Value();
        foreach (var device in devices)
            ForEachMixed(attention, Workbench.On(device, attention.Attend), (query, head, m, mixed) =>
            {
                var keyHead = head / (attention.Heads / attention.KeyHeads);
                var seen = Seen(attention, query)
                    .Select(k => values[(k * attention.KeyHeads + keyHead) * attention.HeadSize + m]).ToArray();
                Assert.InRange(mixed, seen.Min() - Tolerances.Arithmetic, seen.Max() + Tolerances.Arithmetic);
            });
    }

    [Law(60)]
    internal void What_a_query_does_not_see_does_not_change_it(AttentionCase attention)
    {
        var hidden = attention.Queries / 2;
        var cut = attention.Keys - hidden;
        var (key, value) = (attention.Key(), attention.Value());
        var rowLength = attention.KeyHeads * attention.HeadSize;
        foreach (var device in devices)
        {
            float[] Attend(float beyond) => Workbench.On(device, on =>
            {
                float[] Replace(float[] rows) =>
                    [.. rows[..(cut * rowLength)], .. Enumerable.Repeat(beyond, hidden * rowLength)];
                var mixed = on.Allocate(attention.Queries, attention.Heads, attention.HeadSize);
                on.Device.Attend(
                    attention.PutQuery(on),
                    on.Put(Replace(key), attention.Keys, attention.KeyHeads, attention.HeadSize),
                    on.Put(Replace(value), attention.Keys, attention.KeyHeads, attention.HeadSize),
                    attention.Visibility(on), mixed);
                return on.Read(mixed)[..((attention.Queries - hidden) * attention.Heads * attention.HeadSize)];
            });

            Assert.Equal(Attend(1), Attend(-7));
        }
    }

    [Law(60)]
    internal void Permuting_heads_permutes_what_they_mix(AttentionCase attention)
    {
        var (queries, keys, values) = (attention.Query(), attention.Key(), attention.Value());
        foreach (var device in devices)
        {
            float[] Attend(bool reversed) => Workbench.On(device, on =>
            {
                float[] Ordered(float[] rows, int heads) => reversed ? Reversed(rows, heads, attention.HeadSize) : rows;
                var mixed = on.Allocate(attention.Queries, attention.Heads, attention.HeadSize);
                on.Device.Attend(
                    on.Put(Ordered(queries, attention.Heads), attention.Queries, attention.Heads, attention.HeadSize),
                    on.Put(Ordered(keys, attention.KeyHeads), attention.Keys, attention.KeyHeads, attention.HeadSize),
                    on.Put(Ordered(values, attention.KeyHeads), attention.Keys, attention.KeyHeads, attention.HeadSize),
                    attention.Visibility(on), mixed);
                return Ordered(on.Read(mixed), attention.Heads);
            });

            Assert.Equal(Attend(false), Attend(true));
        }
    }

    [Law(60)]
    internal void The_maximum_over_heads_is_at_least_the_mean_and_both_fill_a_row(AttentionCase attention)
    {
        foreach (var device in devices)
        {
            var (mean, max) = (
                Workbench.On(device, on => attention.Aggregate(on, HeadAggregation.Mean)),
                Workbench.On(device, on => attention.Aggregate(on, HeadAggregation.Max)));
            Assert.All(mean.Zip(max), pair => Assert.InRange(pair.First, 0, pair.Second + Tolerances.Arithmetic));
            foreach (var row in mean.Chunk(attention.Keys))
                Assert.Equal(1, row.Sum(p => (double)p), 10 * Tolerances.Arithmetic);
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

    static float[] Reversed(float[] rows, int heads, int headSize) =>
        [.. rows.Chunk(heads * headSize).SelectMany(row => row.Chunk(headSize).Reverse().SelectMany(head => head))];

    static IEnumerable<int> Seen(AttentionCase attention, int query)
    {
        var position = attention.Keys - attention.Queries + query;
        return Enumerable.Range(0, position + 1).Where(k => position - k < attention.Window);
    }

    static void ForEachMixed(AttentionCase attention, float[] mixed, Action<int, int, int, float> check)
    {
        for (var i = 0; i < mixed.Length; i++)
        {
            var head = i / attention.HeadSize;
            check(head / attention.Heads, head % attention.Heads, i % attention.HeadSize, mixed[i]);
        }
    }

    static IEnumerable<AttentionCase> Fewer(AttentionCase attention)
    {
        if (attention.Keys > attention.Queries)
            yield return attention with { Keys = (attention.Keys + attention.Queries) / 2 };
        if (attention.Queries > 1)
            yield return attention with { Queries = attention.Queries - 1, Keys = attention.Keys - 1 };
        if (attention.Heads > attention.KeyHeads)
            yield return attention with { Heads = attention.Heads - attention.KeyHeads };
        if (attention.KeyHeads > 1)
            yield return attention with { KeyHeads = 1, Heads = attention.Heads / attention.KeyHeads };
        if (attention.HeadSize > 1)
            yield return attention with { HeadSize = attention.HeadSize / 2 };
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
