using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>A summary averages over prompts, and over nothing else.</summary>
[Properties(Arbitrary = [typeof(TraceSummaryLaws)])]
public sealed class TraceSummaryLaws
{
    [Law]
    public void Equal_prompts_have_the_numbers_of_one_and_no_spread(BatchCase found)
    {
        var first = found.Traces.Where(trace => trace.Prompt == 0).ToList();
        var alone = TraceSummary.Of(first);
        var alike = TraceSummary.Of(Enumerable.Range(0, found.Prompts + 1)
            .SelectMany(prompt => first.Select(trace => trace with { Prompt = prompt })));
        Assert.Equal(
            alone.Rows.Select(row => row with { Value = new(row.Value.Mean, 0, found.Prompts + 1) }), alike.Rows);
    }

    [Law]
    public void A_layer_more_changes_no_row_of_another(BatchCase found)
    {
        var all = TraceSummary.Of(found.Traces).Rows;
        for (var layer = 0; layer < found.Layers; layer++)
            Assert.Equal(
                all.Where(row => row.Layer is null || row.Layer == layer),
                TraceSummary.Of(found.Traces.Where(trace => trace.Layer == layer)).Rows);
    }

    [Law]
    public void A_choice_of_heads_more_changes_no_row_of_another(BatchCase found)
    {
        var all = TraceSummary.Of(found.Traces).Rows;
        foreach (var heads in found.Traces.Select(trace => trace.Options.Heads).Distinct())
            Assert.Equal(
                all.Where(row => row.Heads is null || row.Heads == heads),
                TraceSummary.Of(found.Traces.Where(trace => trace.Options.Heads == heads)).Rows);
    }

    [Law]
    public void A_target_has_the_rows_that_it_has_alone(BatchCase found)
    {
        var all = TraceSummary.Of(found.Traces).Rows;
        if (found.IsUneven)
            Assert.All(all, row => Assert.Null(row.Target));
        else
            for (var target = 1; target <= found.Targets; target++)
                Assert.Equal(
                    all.Where(row => row.Target == target).Select(row => row with { Target = 1 }),
                    TraceSummary.Of(found.Traces.Where(trace => found.PlaceOf(trace) == target - 1)).Rows);
    }

    [Law]
    public void The_order_of_the_traces_does_not_matter(BatchCase found)
    {
        TraceResult[] shuffled = [.. found.Traces];
        new Random(found.Seed).Shuffle(shuffled);
        var (expected, mixed) = (TraceSummary.Of(found.Traces).Rows, TraceSummary.Of(shuffled).Rows);
        Assert.Equal(expected.Length, mixed.Length);
        foreach (var row in expected)
        {
            var other = mixed.Single(one => row with { Value = one.Value } == one).Value;
            Assert.Equal(row.Value.Count, other.Count);
            Assert.Equal(row.Value.Mean, other.Mean, Rounding);
            Assert.Equal(row.Value.Spread, other.Spread, Rounding);
        }
    }

    // The order of a sum over a few numbers of size 10 at most.
    const double Rounding = 1e-12;

    internal static Arbitrary<BatchCase> Cases { get; } = Arb.From(
        from prompts in Gen.Choose(1, 5)
        from targets in Gen.Choose(1, 3)
        from layers in Gen.Choose(1, 3)
        from heads in Gen.Choose(1, 3)
        from uneven in Gen.Elements(false, true)
        from seed in Gen.Choose(0, 10000)
        select new BatchCase(prompts, targets, layers, heads, uneven, seed),
        found => found.Smaller());

    /// <summary>The traces of a batch of prompts, at every combination of targets, layers and heads.</summary>
    public sealed record BatchCase(int Prompts, int Targets, int Layers, int Heads, bool Uneven, int Seed)
    {
        static readonly HeadAggregation[] Choices =
            [HeadAggregation.Mean, HeadAggregation.Max, HeadAggregation.Head(1)];

        /// <summary>Gets whether the prompts differ in their number of targets.</summary>
        public bool IsUneven => Uneven && Prompts > 1;

        public ImmutableArray<TraceResult> Traces =>
        [
            .. from prompt in Enumerable.Range(0, Prompts)
               from place in Enumerable.Range(0, TargetsOf(prompt))
               from layer in Enumerable.Range(0, Layers)
               from heads in Choices[..Heads]
               select Trace(prompt, place, layer, heads),
        ];

        public int PlaceOf(TraceResult trace) => trace.TargetPosition / (trace.Prompt + 2);

        public IEnumerable<BatchCase> Smaller()
        {
            if (Uneven)
                yield return this with { Uneven = false };
            if (Prompts > 1)
                yield return this with { Prompts = Prompts - 1 };
            if (Targets > 1)
                yield return this with { Targets = Targets - 1 };
            if (Layers > 1)
                yield return this with { Layers = Layers - 1 };
            if (Heads > 1)
                yield return this with { Heads = Heads - 1 };
        }

        // One target more of the last prompt.
        int TargetsOf(int prompt) => IsUneven && prompt == Prompts - 1 ? Targets + 1 : Targets;

        // Targets stand at other positions in each prompt. A prediction is that of a target; some prompts have none,
        // and some traces no path.
        TraceResult Trace(int prompt, int place, int layer, HeadAggregation heads)
        {
            var ofTarget = new Random(Seed + 100 * prompt + place);
            var random = new Random(Seed + 1000 * layer + 100 * prompt + 10 * Array.IndexOf(Choices, heads) + place);
            var (position, steps) = (place * (prompt + 2), random.Next(4));
            double[] edges = [.. Enumerable.Range(0, steps).Select(_ => random.NextDouble())];
            BeamPath[] paths = random.Next(4) == 0
                ? []
                : [new([.. Enumerable.Range(0, steps + 1).Reverse()], [.. edges], 0, -10 * random.NextDouble())];
            return new()
            {
                Options = new() { TargetPosition = position, Layer = layer, Heads = heads },
                Model = new("a model", Layers, 2),
                Tokens = [],
                Paths = [.. paths],
                PathWeights = [.. paths.Select(_ => random.NextDouble())],
                Sankey = new([], []),
                PathTexts = [],
                SelfAttention = ImmutableSortedDictionary<int, double>.Empty,
                TargetAttention = [.. Enumerable.Range(0, position + 1).Select(_ => random.NextDouble())],
                Predictions = ofTarget.Next(4) == 0 ? [] : [new(new(3, "x", [120]), ofTarget.NextDouble(), 1)],
                Prompt = prompt,
            };
        }
    }
}
