using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>What holds of flows through layers, whatever model, prompt and padding.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class FlowLaws
{
    // Attention of two orders of summation, and the bound that docs/numerics.md has for it.
    const double Rounding = 2e-5;

    // Every case writes a model to a file.
    const int Many = 60;

    [Law(Many)]
    public void Rows_of_a_layer_sum_to_1_and_no_share_is_negative(ModelCase some) =>
        Holds(some, (model, ids, options) =>
        {
            for (var layer = 0; layer < some.Layers; layer++)
                foreach (var (position, found) in OfAll(
                    model, ids, options with { FromLayer = layer, ToLayer = layer }))
                {
                    Assert.Equal(position + 1, found.Shares.Length);
                    Assert.All(found.Shares, share => Assert.InRange(share, 0, 1 + Rounding));
                    Assert.Equal(1, found.Shares.Sum(), Rounding);
                }
        });

    [Law(Many)]
    public void Shares_are_the_product_of_the_rows_of_the_layers(ModelCase some) => Holds(some, (model, ids, options) =>
    {
        var layers = Rows(some, model, ids, options);
        foreach (var (position, found) in OfAll(model, ids, options))
        {
            var share = new double[ids.Length];
            share[position] = 1;
            foreach (var rows in Enumerable.Reverse(layers))
            {
                var below = new double[ids.Length];
                foreach (var (query, row) in rows)
                    for (var key = 0; key < row.Length; key++)
                        below[key] += share[query] * row[key];
                share = below;
            }

            foreach (var (expected, actual) in share.Zip(found.Shares))
                Assert.Equal(expected, actual, Rounding);
        }
    });

    [Law(Many)]
    public void The_probabilities_of_all_paths_that_end_at_a_token_sum_to_its_share(ModelCase some) =>
        Holds(some with { Length = Math.Min(some.Length, 12) }, (model, ids, options) =>
        {
            foreach (var (position, found) in OfAll(model, ids, options with { TopBeam = 2000, TopK = ids.Length }))
                for (var token = 0; token <= position; token++)
                    Assert.Equal(
                        found.Shares[token],
                        found.Paths.Where(path => path.Source == token).Sum(path => path.Probability), Rounding);
        });

    [Law(Many)]
    public void Paths_are_what_the_definition_finds_in_the_same_order(ModelCase some) =>
        Holds(some, (model, ids, options) =>
        {
            var layers = Rows(some, model, ids, options);
            foreach (var (position, found) in OfAll(model, ids, options))
            {
                var expected = PlainPaths(layers, position, options);
                Assert.Equal(
                    expected.Select(one => one.Positions), found.Paths.Select(path => path.Positions.ToArray()));
                foreach (var (plain, path) in expected.Zip(found.Paths))
                {
                    Assert.Equal(plain.Score, path.Score, 1e-9);
                    Assert.Equal(Math.Exp(path.Score), path.Probability, 1e-9);
                }
            }
        });

    [Law(Many)]
    public void A_wider_beam_has_the_paths_of_a_beam_that_are_as_good(ModelCase some) =>
        Holds(some with { Length = Math.Min(some.Length, 12) }, (model, ids, options) =>
        {
            var wide = OfAll(model, ids, options with { TopBeam = 2000, TopK = ids.Length });
            foreach (var ((_, all), (_, few)) in wide.Zip(OfAll(model, ids, options)))
            {
                // All paths are there, best first: those of a narrow beam are among them, in their order.
                var ranks = few.Paths.Select(path => all.Paths.IndexOf(path)).ToList();
                Assert.DoesNotContain(-1, ranks);
                Assert.Equal(ranks.Order(), ranks);
                // Of a single layer nothing is cut that could be the best later.
                if (some.Layers == 1)
                    Assert.Equal(Enumerable.Range(0, ranks.Count), ranks);
            }
        });

    [Law(Many)]
    public void No_path_is_less_probable_than_asked_and_others_are_not_lost(ModelCase some) =>
        Holds(some with { Length = Math.Min(some.Length, 12) }, (model, ids, options) =>
        {
            options = options with { TopBeam = 2000, TopK = ids.Length };
            var likely = OfAll(model, ids, options with { MinShare = 0.02 });
            foreach (var (all, few) in OfAll(model, ids, options).Zip(likely))
                Assert.Equal(all.Found.Paths.Where(path => path.Probability >= 0.02), few.Found.Paths);
        });

    [Law(Many)]
    public void A_prompt_of_one_token_has_one_path(ModelCase some) =>
        Holds(some with { Length = 1, Seed = some.Seed * 3 }, (model, ids, options) =>
        {
            var (_, found) = Assert.Single(OfAll(model, ids, options));
            Assert.Equal([1.0], found.Shares);
            var path = Assert.Single(found.Paths);
            Assert.Equal((0.0, 1.0), (path.Score, path.Probability));
            Assert.Equal(Enumerable.Repeat(0, some.Layers + 1), path.Positions);
            Assert.Empty(path.Moves);
        });

    [Law(Many)]
    public void Padding_has_no_share(ModelCase some) => Holds(some, (model, ids, options) =>
    {
        foreach (var (position, found) in OfAll(model, ids, options))
            for (var token = 0; token <= position; token++)
                if (options.AttentionMask?[token] == 0)
                    Assert.Equal(0, found.Shares[token]);
    });

    [Law(Many)]
    public void The_order_of_the_heads_of_a_group_changes_nothing(ModelCase some)
    {
        some = some with { Family = "qwen2" };
        var config = some.Config();
        var exchanged = Shares((name, numbers) =>
        {
            if (name.Contains("q_proj", StringComparison.Ordinal))
                HeadSymmetryLaws.Exchange(numbers, config, numbers.Length / config.HeadCount);
            if (name.Contains("o_proj", StringComparison.Ordinal))
                for (var row = 0; row < config.HiddenSize; row++)
                    HeadSymmetryLaws.Exchange(
                        numbers.AsSpan(row * config.HeadCount * config.HeadSize, config.HeadCount * config.HeadSize),
                        config, config.HeadSize);
        });
        foreach (var (expected, actual) in Shares(null).Zip(exchanged))
            Assert.Equal(expected, actual, Rounding);

        double[] Shares(Action<string, float[]>? change)
        {
            using var tiny = some.Make(change);
            using var device = new CpuDevice();
            using var model = tiny.On(device);
            var found = OfAll(model, tiny.Prompt(some.Length, some.Seed), OptionsOf(some));
            return [.. found.SelectMany(one => one.Found.Shares)];
        }
    }

    [Law(Many)]
    public void Rollout_is_that_of_attention_pages(ModelCase some) => some.Holds((_, model, ids) =>
    {
        var options = OptionsOf(some) with { Method = FlowMethod.Rollout };
        using var rollout = new AttentionRollout(model.Device, ids.Length);
        new AttentionReader(model).Read(
            new AnalysisPrompt([.. ids]) { AttentionMask = options.AttentionMask }, new(), rollout.Add);
        var rows = rollout.ToRows();
        foreach (var (position, found) in OfAll(model, ids, options))
            foreach (var (token, share) in found.Shares.Index())
                Assert.Equal(rows[position * ids.Length + token], share, Rounding);
    });

    static void Holds(ModelCase some, Action<Qwen2Model, int[], FlowOptions> statement) => some.Holds((_, model, ids) =>
    {
        foreach (var method in Enum.GetValues<FlowMethod>())
            statement(model, ids, OptionsOf(some) with { Method = method });
    });

    // Of every third seed a prompt without padding.
    static FlowOptions OptionsOf(ModelCase some)
    {
        var random = new Random(some.Seed);
        return new()
        {
            TopBeam = 1 + some.Seed % 7,
            TopK = 1 + some.Seed % 5,
            AttentionMask = some.Seed % 3 == 0
                ? null
                : [.. Enumerable.Range(0, some.Length).Select(_ => random.Next(4) == 0 ? 0 : 1)],
        };
    }

    // Every position that is no padding.
    static List<(int Position, FoundFlow Found)> OfAll(Qwen2Model model, int[] ids, FlowOptions options)
    {
        ImmutableArray<int> positions =
            [.. Enumerable.Range(0, ids.Length).Where(position => options.AttentionMask?[position] != 0)];
        if (positions.IsEmpty)
            return [];
        var resolved = FlowTracer.Resolve(model, ids.Length, positions.Select(one => (Index)one), options);
        return [.. positions.Zip(FlowRun.Of(model, ids, positions, resolved[0], null, default))];
    }

    // The rows of every position of each layer, first to last.
    static List<List<(int Position, double[] Row)>> Rows(
        ModelCase some, Qwen2Model model, int[] ids, FlowOptions options) =>
        [
            .. Enumerable.Range(0, some.Layers).Select(layer =>
                OfAll(model, ids, options with { FromLayer = layer, ToLayer = layer })
                    .Select(one => (one.Position, one.Found.Shares.ToArray())).ToList()),
        ];

    // The search of the reference.
    static (int[] Positions, double Score)[] PlainPaths(
        List<List<(int Position, double[] Row)>> layers, int target, FlowOptions options)
    {
        (int[] Positions, double Score)[] live = [([target], 0)];
        foreach (var rows in Enumerable.Reverse(layers))
        {
            var grown =
                from path in live
                let row = rows.Single(one => one.Position == path.Positions[^1]).Row
                from key in Enumerable.Range(0, row.Length).OrderByDescending(key => row[key]).Take(options.TopK)
                where row[key] > 0
                select (Positions: (int[])[.. path.Positions, key], Score: path.Score + Math.Log(row[key]));
            live = [.. grown.OrderByDescending(one => one.Score).Take(options.TopBeam)];
        }

        return live;
    }
}
