using RatIlgpu.Tensors;

namespace RatIlgpu.Properties;

/// <summary>What goes on from caches and streams gives in a batch what it gives alone, bit for bit.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class ContinuedBatchLaws
{
    const int Cases = 40;

    [Law(Cases)]
    public void A_prompt_of_a_batch_reads_and_extends_its_cache_as_if_alone(ModelCase some) =>
        OnEach(some, (model, tiny, random) =>
        {
            using var parts = new Parts(model, random.Next(2, 5));
            // Twice, so that the second run goes on from the first.
            foreach (var _ in Enumerable.Range(0, 2))
            {
                var prompts = parts.All.Select(part => (
                    Ids: tiny.Prompt(random.Next(1, 6), random.Next()), Seed: random.Next(3),
                    part.Together, part.Alone, HasCache: random.Next(4) > 0)).ToList();
                RecordingProbe[] together = [.. prompts.Select(one => BatchLaws.Probe(one.Seed, some.Layers))];
                model.RunAll(
                    [
                        .. prompts.Zip(together, (one, probe) => new BatchPrompt([.. one.Ids])
                        {
                            Probe = probe,
                            Cache = one.HasCache ? one.Together : null,
                        }),
                    ],
                    new());
                foreach (var (one, probe) in prompts.Zip(together))
                {
                    var alone = BatchLaws.Probe(one.Seed, some.Layers);
                    model.Run(one.Ids, new() { Probe = alone, Cache = one.HasCache ? one.Alone : null });
                    BatchLaws.Same(alone, probe);
                    Assert.Equal(one.Alone.Count, one.Together.Count);
                    Same(model, one.Alone, one.Together, one.Alone.Count, 0);
                }
            }
        });

    [Law(Cases)]
    public void A_stream_of_a_batch_is_shown_as_if_alone(ModelCase some) => OnEach(some, (model, tiny, random) =>
    {
        using var parts = new Parts(model, random.Next(2, 6));
        var start = new Site(
            random.Next(3) == 0 ? Activation.ResidualMiddle : Activation.ResidualBefore, random.Next(some.Layers));
        var all = parts.All.Select(part => Fill(part, model, tiny, random)).ToList();
        try
        {
            RecordingProbe[] together = [.. all.Select(one => BatchLaws.Probe(one.Seed, some.Layers))];
            model.RunAllFrom(
                start, [.. all.Zip(together, (one, probe) => one.Stream with { Probe = probe })], new());
            foreach (var (one, probe) in all.Zip(together))
            {
                var alone = BatchLaws.Probe(one.Seed, some.Layers);
                model.RunFrom(
                    start, one.Stream.Stream,
                    new()
                    {
                        Probe = alone,
                        Cache = one.Alone,
                        AttentionMask = one.Stream.AttentionMask,
                        LogitCount = one.Stream.LogitPositions?.Length ?? int.MaxValue,
                    },
                    one.Stream.Branches);
                BatchLaws.Same(alone, probe);
                if (one.Alone is null || one.Stream.Branches > 1)
                    continue;
                // A run of one branch leaves its keys and values behind those that count.
                var end = one.Alone.Count + one.Stream.Stream.Shape[0];
                one.Alone.Restore(end);
                one.Stream.Cache!.Restore(end);
                // The layer of a stream behind attention has no keys.
                Same(
                    model, one.Alone, one.Stream.Cache, end,
                    start.Layer + (start.Activation == Activation.ResidualMiddle ? 1 : 0));
            }
        }
        finally
        {
            all.ForEach(one => one.Stream.Stream.Dispose());
        }
    });

    static void OnEach(ModelCase some, Action<Qwen2Model, TinyQwen2, Random> statement)
    {
        using var tiny = some.Make();
        foreach (var device in BatchLaws.Devices())
            using (device)
            using (var model = tiny.On(device))
                statement(model, tiny, new(some.Seed));
    }

    // A stream of some branches, behind some tokens or none, with logits at its last positions, at none or at all.
    static (BatchStream Stream, KeyValueCache? Alone, int Seed) Fill(
        (KeyValueCache Together, KeyValueCache Alone) caches, Qwen2Model model, TinyQwen2 tiny, Random random)
    {
        var (past, positions, branches) = (random.Next(7), random.Next(1, 5), random.Next(1, 4));
        var ids = tiny.Prompt(int.Max(past, 1), random.Next());
        if (past > 0)
            foreach (var cache in (KeyValueCache[])[caches.Together, caches.Alone])
                model.Run(ids, new() { Cache = cache });
        var stream = model.Device.Allocate(positions * branches, model.Config.HiddenSize);
        model.Device.Upload(
            [.. Enumerable.Range(0, checked((int)stream.Shape.Count)).Select(_ => random.NextSingle() - 0.5f)], stream);
        var isCached = past > 0 || random.Next(2) == 0;
        var count = random.Next(positions + 1);
        return (
            new(stream)
            {
                Branches = branches,
                Cache = isCached ? caches.Together : null,
                AttentionMask = random.Next(2) == 0
                    ? null
                    : [.. Enumerable.Range(0, past + positions).Select(_ => random.Next(4) == 0 ? 0 : 1)],
                LogitPositions = random.Next(3) == 0
                    ? null
                    : [.. Enumerable.Range(positions - count, count)],
            },
            isCached ? caches.Alone : null, random.Next(3));
    }

    static void Same(Qwen2Model model, KeyValueCache expected, KeyValueCache found, int positions, int firstLayer)
    {
        for (var layer = firstLayer; layer < model.Config.LayerCount && positions > 0; layer++)
        {
            var ((key, value), (otherKey, otherValue)) = (expected.Layer(layer), found.Layer(layer));
            foreach (var (one, other) in (ReadOnlySpan<(Tensor, Tensor)>)[(key, otherKey), (value, otherValue)])
                Assert.Equal(
                    model.Device.Download(one.Slice(0, positions)).Select(BitConverter.SingleToInt32Bits),
                    model.Device.Download(other.Slice(0, positions)).Select(BitConverter.SingleToInt32Bits));
        }
    }

    /// <summary>Two caches for each of some prompts.</summary>
    sealed class Parts(Qwen2Model model, int count) : IDisposable
    {
        public ImmutableArray<(KeyValueCache Together, KeyValueCache Alone)> All { get; } =
        [
            .. Enumerable.Range(0, count).Select(_ => (
                new KeyValueCache(model.Config, model.Device, 1), new KeyValueCache(model.Config, model.Device, 1))),
        ];

        public void Dispose()
        {
            foreach (var (one, other) in All)
            {
                one.Dispose();
                other.Dispose();
            }
        }
    }
}
