using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(ScoreAttributionLaws.Case)])]
public sealed class ScoreAttributionLaws
{
    // What two sums over one F32 run differ by, as a share of the sum of the magnitudes of the pairs.
    const double Rounding = 1e-5;

    // Added to that bound, for few and small pairs.
    const double Least = 1e-5;

    // The step of a finite difference, whose error is its square; both sides are in double.
    const double Step = 1e-4;

    // Every case writes a model to a file.
    const int Many = 60;

    [Law(Many)]
    public void Pairs_sum_to_the_score_and_to_the_differences_that_attention_shows(Case found) => Holds(found, link =>
    {
        foreach (var options in link.Readings())
        {
            var all = link.Explain(link.Key, options);
            var size = SizeOf(all);
            Near(all.Measured, all.Pairs.Sum(), size);
            Assert.Equal(link.Attention(link.Key), all.Attention, 2e-5);
            Assert.Equal(all.Measured, all.ByQueryPart.Sum() + all.Rounding, 1e-12 * (1 + size));
            Assert.Equal(all.Measured, all.ByKeyPart.Sum() + all.Rounding, 1e-12 * (1 + size));
            var scores = link.Visible.ToDictionary(key => key, link.ScoreOf);
            Near(scores[link.Key], all.Score, size);
            Near(options.Reading switch
            {
                ScoreReading.Here => scores[link.Key],
                ScoreReading.Others => scores[link.Key] - scores.Where(one => one.Key != link.Key)
                    .Average(one => one.Value),
                ScoreReading.Foil => scores[link.Key] - scores[link.Foil!.Value],
                _ => scores[link.Key] - link.Visible.Sum(key => link.Attention(key) * scores[key]),
            }, all.Measured, size);
            if (options.Reading == ScoreReading.Foil && link.Attention(link.Foil!.Value) > 1e-6
                && link.Attention(link.Key) > 1e-6)
                Assert.Equal(
                    Math.Log(link.Attention(link.Key) / link.Attention(link.Foil.Value)), all.Measured, 1e-3);
        }
    });

    [Law(Many)]
    public void Every_pair_is_what_the_definition_says(Case found) => Holds(found, link =>
    {
        foreach (var split in (bool[])[false, true])
        {
            var all = link.Explain(link.Key, new() { SplitHeads = split });
            var size = SizeOf(all);
            foreach (var (row, query) in all.QueryParts.Index())
                foreach (var (column, key) in all.KeyParts.Index())
                    Near(link.Plain.Pair(query, link.Query, key, link.Key), all[row, column], size);
        }
    });

    [Law(Many)]
    public void Other_readings_compare_each_pair_with_that_of_other_keys(Case found) => Holds(found, link =>
    {
        var tables = link.Visible.ToDictionary(key => key, key => link.Explain(key, new()));
        var own = tables[link.Key];
        var size = tables.Values.Max(SizeOf);
        foreach (var options in link.Readings())
        {
            var all = link.Explain(link.Key, options);
            Assert.Equal(own.KeyParts, all.KeyParts);
            Assert.Equal(own.AttentionWithout, all.AttentionWithout);
            for (var pair = 0; pair < all.Pairs.Length; pair++)
                Near(own.Pairs[pair] - (options.Reading switch
                {
                    ScoreReading.Here => 0,
                    ScoreReading.Foil => tables[link.Foil!.Value].Pairs[pair],
                    ScoreReading.Others => tables.Values.Where(one => one != own).Average(one => one.Pairs[pair]),
                    _ => tables.Values.Sum(one => one.Attention * one.Pairs[pair]),
                }), all.Pairs[pair], size);
        }
    });

    [Law(Many)]
    public void A_pair_of_the_gradient_is_the_finite_difference_of_the_logarithm_of_attention(Case found) =>
        Holds(found, link =>
        {
            var tables = link.Visible.Select(key => link.Explain(key, new())).ToList();
            var own = link.Visible.IndexOf(link.Key);
            var gradient = link.Explain(link.Key, new() { Reading = ScoreReading.Gradient });
            var size = tables.Max(SizeOf);
            foreach (var pair in (int[])[0, gradient.Pairs.Length / 2, gradient.Pairs.Length - 1])
            {
                double Logarithm(double step)
                {
                    double[] scores = [.. tables.Select(one => one.Score + (step * one.Pairs[pair]))];
                    return scores[own] - Math.Log(scores.Sum(Math.Exp));
                }

                var largest = tables.Max(one => Math.Abs(one.Pairs[pair]));
                Assert.InRange(
                    Math.Abs(((Logarithm(Step) - Logarithm(-Step)) / (2 * Step)) - gradient.Pairs[pair]), 0,
                    (Rounding * size) + Least + (Step * Step * largest * largest * largest));
            }
        });

    [Law(Many)]
    public void Attention_without_a_part_of_the_key_is_measured_when_the_key_of_the_head_is_changed(Case found) =>
        Holds(found, link =>
        {
            var all = link.Explain(link.Key, new());
            foreach (var place in (int[])[0, all.KeyParts.Length / 2, all.KeyParts.Length - 1])
            {
                var part = link.Plain.Key(all.KeyParts[place], link.Key);
                var change = Intervention.Edit(
                    InterventionTarget.At(
                        link.Model, Activation.RotatedKey, link.Head.Layer, [link.Head.Head], [link.Key],
                        KeyValueScope.QueryHead),
                    (_, _, row) =>
                    {
                        for (var i = 0; i < row.Length; i++)
                            row[i] = (float)(row[i] - part[i]);
                    });
                var run = new Recorder(link.Model).Record(
                    link.Prompt, [new(Activation.Pattern) { Layers = [link.Head.Layer] }],
                    new() { Interventions = [change] });
                var measured = run[new(Activation.Pattern, link.Head.Layer)].Row(link.Query, link.Head.Head)[link.Key];
                Assert.InRange(Math.Abs(measured - all.AttentionWithout[place]), 0, (Rounding * SizeOf(all)) + 2e-5);
            }
        });

    [Law(Many)]
    public void Tokens_that_heads_read_sum_to_the_heads(Case found) => Holds(found, link =>
    {
        foreach (var options in link.Readings())
        {
            var whole = link.Explain(link.Key, options);
            var split = link.Explain(link.Key, options with { SplitHeads = true });
            var size = SizeOf(split) + SizeOf(whole);
            foreach (var (parts, values, sums) in new[]
            {
                (split.QueryParts, split.ByQueryPart, whole.QueryParts.Zip(whole.ByQueryPart)),
                (split.KeyParts, split.ByKeyPart, whole.KeyParts.Zip(whole.ByKeyPart)),
            })
                foreach (var (part, value) in sums)
                    Near(value, parts.Zip(values).Where(one => one.First == part
                        || (one.First is ResidualTerm.HeadSource source && part is ResidualTerm.Head head
                            && source.Index == head.Index)).Sum(one => one.Second), size);
            Near(whole.PositionAlone, split.PositionAlone, size);
        }
    });

    static void Holds(Case found, Action<Link> statement) => found.Model.Holds((_, model, prompt) =>
    {
        var everything = Enum.GetValues<Activation>().Select(activation => new Capture(activation));
        statement(new(model, prompt, new Recorder(model).Record(prompt, [.. everything]), new(found.Choice)));
    });

    static double SizeOf(ScoreAttribution found) => found.Pairs.Sum(Math.Abs);

    static void Near(double expected, double found, double size) =>
        Assert.InRange(Math.Abs(expected - found), 0, (Rounding * size) + Least);

    // A head, a query, a key and a foil of a run, chosen at random.
    sealed class Link
    {
        readonly Recording run;

        public Link(Qwen2Model model, int[] prompt, Recording run, Random random)
        {
            (Model, Prompt, this.run) = (model, prompt, run);
            Head = new(random.Next(model.Config.LayerCount), random.Next(model.Config.HeadCount));
            Query = prompt.Length - 1 - random.Next(int.Min(3, prompt.Length));
            Visible = [.. Enumerable.Range(0, Query + 1).Where(key => Query - key < model.Config.WindowOf(Head.Layer))];
            Key = Visible[random.Next(Visible.Length)];
            ImmutableArray<int> others = Visible.Remove(Key);
            Foil = others.IsEmpty ? null : others[random.Next(others.Length)];
            Plain = new(model, run, Head);
        }

        public Qwen2Model Model { get; }

        public int[] Prompt { get; }

        public HeadIndex Head { get; }

        public int Query { get; }

        public int Key { get; }

        public int? Foil { get; }

        public ImmutableArray<int> Visible { get; }

        public PlainScores Plain { get; }

        public IEnumerable<ScoreAttributionOptions> Readings() =>
        [
            new(),
            new() { Reading = ScoreReading.Gradient },
            .. Foil is { } foil
                ? (ScoreAttributionOptions[])
                [
                    new() { Reading = ScoreReading.Others },
                    new() { Reading = ScoreReading.Foil, FoilKey = foil },
                ]
                : [],
        ];

        public ScoreAttribution Explain(int key, ScoreAttributionOptions options) =>
            new AttentionScoreAttributor(Model).Explain(run, Head, Query, key, options);

        public double Attention(int key) => run[new(Activation.Pattern, Head.Layer)].Row(Query, Head.Head)[key];

        public double ScoreOf(int key)
        {
            var query = run[new(Activation.RotatedQuery, Head.Layer)].Row(Query, Head.Head).ToArray();
            var own = run[new(Activation.HeadKey, Head.Layer)].Row(key, Head.Head).ToArray();
            return query.Zip(own, (x, y) => (double)x * y).Sum() / Math.Sqrt(query.Length);
        }
    }

    /// <summary>A small random model and a prompt, and the seed of what is explained.</summary>
    /// <param name="Model">The model and the prompt.</param>
    /// <param name="Choice">The seed of head, query, key and foil.</param>
    public sealed record Case(ModelCase Model, int Choice)
    {
        /// <summary>Gets arbitrary cases; smaller ones have a smaller model.</summary>
        public static Arbitrary<Case> Any { get; } = Arb.From(
            from model in ModelCase.Any.Generator
            from choice in Gen.Choose(0, 1000)
            select new Case(model, choice),
            found => ModelCase.Any.Shrinker(found.Model).Select(model => found with { Model = model }));
    }
}
