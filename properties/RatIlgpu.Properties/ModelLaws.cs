namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class ModelLaws
{
    // The error of two orders of summation in up to three layers, as a share of the largest logit.
    const double Rounding = 5e-5;

    // Every case writes a model to a file.
    const int Cases = 60;

    [Law(Cases)]
    public void A_cached_step_gives_what_a_full_pass_gives(ModelCase found) => found.Holds((tiny, model, ids) =>
    {
        var full = Logits(model, ids);

        // Pieces of random lengths, down to single steps.
        var random = new Random(found.Seed);
        using var cache = new KeyValueCache(tiny.Config, model.Device, ids.Length);
        var stepped = new List<float>();
        while (cache.Count < ids.Length)
        {
            var piece = ids.AsSpan(cache.Count, random.Next(1, ids.Length - cache.Count + 1));
            stepped.AddRange(Logits(model, piece, new() { Cache = cache }));
        }

        Close(full, [.. stepped]);
    });

    [Law(Cases)]
    public void A_cache_cut_back_goes_on_as_if_nothing_had_followed(ModelCase some) => some.Holds((tiny, model, ids) =>
    {
        var keep = new Random(some.Seed).Next(ids.Length);
        using var cache = new KeyValueCache(tiny.Config, model.Device, ids.Length);
        Logits(model, tiny.Prompt(some.Length, some.Seed + 1), new() { Cache = cache });
        cache.Truncate(0);
        if (keep > 0)
            Logits(model, ids.AsSpan(0, keep), new() { Cache = cache });
        var rest = Logits(model, ids.AsSpan(keep), new() { Cache = cache });
        Close(Logits(model, ids)[(keep * tiny.Config.VocabularySize)..], rest);
    });

    [Law(Cases)]
    public void A_later_token_changes_nothing_before_it(ModelCase found) => found.Holds((tiny, model, ids) =>
    {
        var other = (int[])[.. ids[..^1], (ids[^1] + 1) % tiny.Config.VocabularySize];
        var before = (ids.Length - 1) * tiny.Config.VocabularySize;
        Assert.Equal(Logits(model, ids)[..before], Logits(model, other)[..before]);
    }, new PlainDevice());

    [Law(Cases)]
    public void Rows_on_demand_are_the_rows_of_the_whole_pattern(ModelCase found) => found.Holds((tiny, model, ids) =>
    {
        var (layer, heads) = (found.Layers - 1, tiny.Config.HeadCount);
        var site = new Site(Activation.Pattern, layer);
        var probe = new RecordingProbe(asked => asked == site);
        model.Run(ids, new() { Probe = probe, StopAfter = site });
        using var attention = LayerAttention.Of(model, ids, layer, HeadAggregation.Mean);
        for (var query = 0; query < ids.Length; query++)
        {
            var row = attention.Row(query);
            for (var key = 0; key <= query; key++)
            {
                var mean = Enumerable.Range(0, heads)
                    .Average(head => probe[site][(head * ids.Length + query) * ids.Length + key]);
                Assert.InRange(Math.Abs(mean - row[key]), 0, Rounding);
            }
        }
    });

    static float[] Logits(Qwen2Model model, ReadOnlySpan<int> ids, ForwardOptions? options = null)
    {
        using var logits = model.Forward(ids, options);
        return model.Device.Download(logits);
    }

    static void Close(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Concat(found), number => Assert.True(float.IsFinite(number)));
        var scale = Math.Max(1, expected.Max(Math.Abs));
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / scale, 0, Rounding);
    }
}
