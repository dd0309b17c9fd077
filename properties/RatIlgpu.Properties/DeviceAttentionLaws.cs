using RatIlgpu.Devices;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(DeviceAttentionLaws)])]
public sealed class DeviceAttentionLaws : IDisposable
{
    internal static Arbitrary<AttentionCase> Cases { get; } = Arb.From(
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
        Smaller);

    readonly Device[] devices = [new PlainDevice(), new CpuDevice(2), new CpuDevice(1, SimdLevel.Scalar)];

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

    static IEnumerable<AttentionCase> Smaller(AttentionCase attention)
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
}
