using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>What holds of the weights of links, whatever model, prompt and padding.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class TraceWeightLaws
{
    // Attention of two orders of summation, and the bound that docs/numerics.md has for it.
    const double Rounding = 2e-5;

    // Every case writes a model to a file.
    const int Many = 60;

    static readonly AttentionWeights[] OfHeads = [AttentionWeights.Value, AttentionWeights.Info];

    [Law(Many)]
    public void Weighted_rows_are_no_larger_than_attention_and_sum_to_1_at_most(ModelCase some) => some.Holds(
        (_, model, ids) =>
        {
            ImmutableArray<HeadAggregation> heads = [HeadAggregation.Mean, HeadAggregation.Max, .. Each(some)];
            var standard = Rows(some, model, ids, AttentionWeights.Standard, heads);
            foreach (var weights in OfHeads)
                foreach (var (at, row) in Rows(some, model, ids, weights, heads))
                {
                    Assert.All(row.Zip(standard[at]), pair =>
                        Assert.InRange(pair.First, 0, pair.Second + Rounding));
                    if (at.Heads != HeadAggregation.Max)
                        Assert.InRange(row.Sum(), 0, 1 + Rounding);
                }
        });

    [Law(Many)]
    public void Contributions_are_shares_of_1(ModelCase some) => some.Holds((_, model, ids) =>
    {
        ImmutableArray<HeadAggregation> heads = [HeadAggregation.Mean, .. Each(some)];
        foreach (var row in Rows(some, model, ids, AttentionWeights.Contribution, heads).Values)
        {
            Assert.All(row, share => Assert.InRange(share, 0, 1 + Rounding));
            Assert.Equal(1, row.Sum(), Rounding);
        }
    });

    [Law(Many)]
    public void Numbers_are_those_of_the_definition(ModelCase some) => some.Holds((_, model, ids) =>
    {
        var mask = MaskOf(some);
        if (mask is { } given && !given.Contains(1))
            return;
        var run = new Recorder(model).Record(
            ids, [new(Activation.RotatedQuery), new(Activation.RotatedKey), new(Activation.Value)],
            new() { AttentionMask = mask });
        var contributions = Rows(
            some, model, ids, AttentionWeights.Contribution, [HeadAggregation.Mean, .. Each(some)]);
        var (byValue, byInfo) = (
            Rows(some, model, ids, AttentionWeights.Value, [.. Each(some)]),
            Rows(some, model, ids, AttentionWeights.Info, [.. Each(some)]));
        for (var layer = 0; layer < some.Layers; layer++)
        {
            PlainHead[] heads =
                [.. Enumerable.Range(0, some.KeyHeads * some.Group).Select(head => new PlainHead(
                    model, run, new(layer, head)))];
            double[][][] written = [.. heads.Select(head => head.Written())];
            foreach (var query in Enumerable.Range(0, ids.Length).Where(query => mask?[query] != 0))
            {
                double[][] patterns = [.. heads.Select(head => head.Pattern(query)[..(query + 1)])];
                Near(Shares(patterns, written), contributions[(query, layer, HeadAggregation.Mean)]);
                foreach (var (number, head) in heads.Index())
                {
                    var at = (query, layer, HeadAggregation.Head(number));
                    Near(Shares([patterns[number]], [written[number]]), contributions[at]);
                    Near(Weighted(patterns[number], head.ValueFactors()), byValue[at]);
                    Near(Weighted(patterns[number], head.InfoFactors()), byInfo[at]);
                }
            }
        }
    });

    [Law(Many)]
    public void The_order_of_heads_changes_nothing(ModelCase some)
    {
        var biased = some with { Family = "qwen2" };
        var config = biased.Config();
        foreach (var weights in (AttentionWeights[])[.. OfHeads, AttentionWeights.Contribution])
        {
            var (expected, found) = (Rows(null), Rows(Exchange));
            Assert.All(expected, row => Near(row.Value, found[row.Key]));

            Dictionary<(int, int, HeadAggregation), double[]> Rows(Action<string, float[]>? change)
            {
                using var tiny = biased.Make(change);
                using var device = new CpuDevice();
                using var model = tiny.On(device);
                return TraceWeightLaws.Rows(
                    biased, model, tiny.Prompt(biased.Length, biased.Seed), weights, [HeadAggregation.Mean]);
            }
        }

        // Turns the order of the query heads of each group round.
        void Exchange(string name, float[] numbers)
        {
            if (name.Contains("q_proj", StringComparison.Ordinal))
                Turn(numbers, numbers.Length / config.HeadCount);
            if (name.Contains("o_proj", StringComparison.Ordinal))
                for (var row = 0; row < config.HiddenSize; row++)
                    Turn(
                        numbers.AsSpan(row * config.HeadCount * config.HeadSize, config.HeadCount * config.HeadSize),
                        config.HeadSize);
        }

        void Turn(Span<float> numbers, int size)
        {
            var before = numbers.ToArray();
            for (var head = 0; head < config.HeadCount; head++)
            {
                var first = head / config.GroupSize * config.GroupSize;
                var partner = (2 * first) + config.GroupSize - 1 - head;
                before.AsSpan(head * size, size).CopyTo(numbers[(partner * size)..]);
            }
        }
    }

    [Law(Many)]
    public void Equal_values_leave_attention_as_it_is(ModelCase some) => some.Holds((_, model, ids) =>
    {
        // In the first layer equal tokens have equal values.
        Array.Fill(ids, ids[0]);
        ImmutableArray<HeadAggregation> heads = [HeadAggregation.Mean, HeadAggregation.Max];
        var standard = WeightedRows.Of(model, [.. ids], Options(AttentionWeights.Standard), heads, 0);
        foreach (var weights in OfHeads)
            foreach (var (at, row) in WeightedRows.Of(model, [.. ids], Options(weights), heads, 0))
                Assert.Equal(standard[at], row);
    });

    static TraceOptions Options(AttentionWeights weights) => new() { Weights = weights, Predictions = 0 };

    static Dictionary<(int Position, int Layer, HeadAggregation Heads), double[]> Rows(
        ModelCase some, Qwen2Model model, int[] ids, AttentionWeights weights, ImmutableArray<HeadAggregation> heads) =>
        WeightedRows.Of(
            model, [.. ids], Options(weights) with { AttentionMask = MaskOf(some) is { } mask ? mask : null }, heads);

    static IEnumerable<HeadAggregation> Each(ModelCase some) =>
        Enumerable.Range(0, some.KeyHeads * some.Group).Select(HeadAggregation.Head);

    // Of every third seed a prompt without padding.
    static ImmutableArray<int>? MaskOf(ModelCase some)
    {
        var random = new Random(some.Seed);
        return some.Seed % 3 == 0
            ? null
            : [.. Enumerable.Range(0, some.Length).Select(_ => random.Next(4) == 0 ? 0 : 1)];
    }

    static double[] Weighted(double[] pattern, double[] factors) =>
        [.. pattern.Zip(factors, (share, factor) => share * factor)];

    // The share of each key in the norms of what some heads bring.
    static double[] Shares(double[][] patterns, double[][][] written)
    {
        double[] lengths =
        [
            .. Enumerable.Range(0, patterns[0].Length).Select(key => Math.Sqrt(
                Enumerable.Range(0, written[0][key].Length)
                    .Select(i => patterns.Zip(written, (pattern, vectors) => pattern[key] * vectors[key][i]).Sum())
                    .Sum(number => number * number))),
        ];
        return [.. lengths.Select(length => length / lengths.Sum())];
    }

    static void Near(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, Rounding));
    }
}
