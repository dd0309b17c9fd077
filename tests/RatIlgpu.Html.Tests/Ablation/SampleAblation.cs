using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>Studies of ablation, made without a model.</summary>
static class SampleAblation
{
    public static readonly AblationPageOptions Told = new()
    {
        Model = new("qwen2-sample", 4, 4) { KeyHeadCount = 2 },
        Origin = new() { Title = "Heads & values", Command = "ratilgpu ablate --layer 2", Version = "1.2.3" },
    };

    /// <summary>Returns the text of a token of the samples.</summary>
    public static TokenText Token(int id) => new(id, $" word{id}", []);

    /// <summary>Makes a study of single heads of layer 2 of 4.</summary>
    /// <param name="heads">The heads, each with zero and mean.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="shown">The samples whose patterns are kept.</param>
    /// <param name="tokens">The tokens of each sample; the one after another has one less, down to half.</param>
    /// <param name="everywhere">Whether all positions are changed.</param>
    /// <param name="together">Whether the heads are changed at once.</param>
    public static AblationReport Study(
        int heads = 2, int samples = 4, int shown = 2, int tokens = 12, bool everywhere = false, bool together = false)
    {
        const int layer = 2, layers = 2;
        var random = new Random(5);
        ImmutableArray<HeadIndex> all = [.. Enumerable.Range(0, heads).Select(head => new HeadIndex(layer, head))];
        ImmutableArray<ValueArray<HeadIndex>> sets = together ? [[.. all]] : [.. all.Select(Alone)];
        ImmutableArray<AblationCondition> conditions =
        [
            .. from set in sets
               from kind in new[] { AblationKind.Zero, AblationKind.Mean }
               select new AblationCondition(AblatedPart.Head, kind, set),
        ];
        ImmutableArray<AblationBaseline> baselines =
        [
            .. Enumerable.Range(0, samples).Select(sample => Baseline(
                random, [.. all], int.Max(tokens / 2, tokens - sample), sample, sample < shown, everywhere)),
        ];
        return new(
            new() { Everywhere = everywhere, Together = together }, [.. baselines],
            [.. conditions.Select(condition => Effect(random, condition, [.. baselines], layers))]);

        static ValueArray<HeadIndex> Alone(HeadIndex head) => [head];
    }

    /// <summary>Makes a redundancy test over two layers; in the second nothing is left of one comparison.</summary>
    public static RedundancyReport Redundancy() => new([new(2, 1)], [new(2, 1), new(2, 3)], Samples(), [
        .. from pair in Enum.GetValues<RedundancyPair>()
           from layer in new[] { 2, 3 }
           select layer == 3 && pair == RedundancyPair.Both
               ? new RedundancyComparison(pair, layer, MeanAndSpread.Of(), MeanAndSpread.Of())
               : new RedundancyComparison(pair, layer, new(1.25 - (0.125 * (int)pair), 0.25, 3), new(0.5, 0.125, 3)),
    ]);

    /// <summary>Makes a sweep over two layers, with a dip at offset 1.</summary>
    public static OffsetSweep Sweep(int most = 6) => new([new(2, 1)], Samples(), [
        .. new[] { 2, 3 }.Select(layer => new SweepOfLayer(
            layer, Output(0.5),
            [
                .. Enumerable.Range(1, most).Select(offset => new SweepPoint(
                    offset, Output(offset == 1 ? 0.25 : 1.5), offset == 3 ? Output(null) : Output(0.5))),
            ])),
    ]);

    /// <summary>Makes a comparison of the attention of two heads of layer 3 without L2H1 and without L2H3. Without a
    /// change, a head h looks at its own token with 0.5 + h / 8, less 1/16 for each token back.</summary>
    public static AttentionComparison Distances(int heads = 2) => new(
        3, Samples(),
        [
            new(AblatedPart.Value, AblationKind.Zero, [new(2, 1)]),
            new(AblatedPart.Value, AblationKind.KnockOut, [new(2, 3)]),
        ],
        [
            .. Enumerable.Range(0, heads).Select(head => new HeadDistances(
                new(3, head), Attention(head, 0),
                [.. new[] { 0.125, -0.25 }.Select(change => new ChangedDistances(
                    Attention(head, change), [
                        .. Enumerable.Range(0, 7).Select(offset =>
                            new MeanAndSpread(offset == 2 ? change : 0, 0.25, 4)),
                    ]))])),
        ]);

    static ValueArray<MeanAndSpread> Attention(int head, double change) =>
    [
        .. Enumerable.Range(0, 7).Select(offset => new MeanAndSpread(
            0.5 + (head / 8.0) - (offset / 16.0) + (offset == 2 ? change : 0), 0.125, 4)),
    ];

    static ValueArray<AblationSample> Samples() =>
        [new([1, 2, 3, 4, 5, 6, 7, 8], 6), new([8, 7, 6, 5, 4, 3, 2, 1], 7)];

    static MeasuredOutput Output(double? mean) => mean is { } some
        ? new(new(some, 0.125, 2), new(some / 2, 0.0625, 2))
        : new(MeanAndSpread.Of(), MeanAndSpread.Of());

    static AblationBaseline Baseline(
        Random random, ValueArray<HeadIndex> heads, int length, int sample, bool isShown, bool everywhere)
    {
        ValueArray<int> ids = [.. Enumerable.Range(0, length).Select(_ => random.Next(40))];
        var first = everywhere ? 0 : length / 3;
        ValueArray<ShownAttention> patterns = isShown
            ? [.. Enumerable.Range(0, 4).Select(head => Pattern(random, new(3, head), length, first, 0))]
            : [];
        return new(new(ids, length / 3), first, [.. ids.Skip(first).Select(id => id + sample)], patterns)
        {
            Values = isShown ? [.. heads.Select(head => Lengths(random, head, length))] : [],
        };
    }

    static ValueLengthsOfHead Lengths(Random random, HeadIndex head, int length) =>
        new(head, [.. Enumerable.Range(0, length).Select(_ => (float)random.NextDouble() * 5)]);

    static ShownAttention Pattern(Random random, HeadIndex head, int length, int first, double variation)
    {
        var rows = new float[(length - first) * length];
        for (var row = first; row < length; row++)
        {
            var weights = Enumerable.Range(0, row + 1).Select(_ => Math.Pow(random.NextDouble(), 8)).ToList();
            for (var key = 0; key <= row; key++)
                rows[((row - first) * length) + key] = (float)(weights[key] / weights.Sum());
        }

        return new(head, [.. rows], variation);
    }

    static ConditionEffect Effect(
        Random random, AblationCondition condition, ValueArray<AblationBaseline> samples, int layers)
    {
        ImmutableArray<SampleEffect> effects = [.. samples.Select(sample => Effect(random, sample, layers))];
        return new(
            condition,
            [
                .. Enumerable.Range(0, layers).Select(place => new LayerEffect(
                    condition.Layer + place,
                    MeanAndSpread.Of(effects.Select(one => one.Layers[place][0].Projection)),
                    MeanAndSpread.Of(effects.Select(one => one.Layers[place][0].Cosine)))),
            ],
            MeanAndSpread.Of(effects.Select(one => (double?)one.Divergences.Average())),
            MeanAndSpread.Of(effects.Zip(samples, (one, sample) => (double?)one.Predictions
                .Zip(sample.Predictions, (after, before) => after == before ? 0.0 : 1).Average())),
            [.. effects]);
    }

    // At the position after the changed one an output is zero; more of an output than there was is 1.5.
    static SampleEffect Effect(Random random, AblationBaseline sample, int layers)
    {
        var count = sample.Predictions.Length;
        return new(
            [
                .. Enumerable.Range(0, layers).Select(layer => (ValueArray<OutputChange>)
                [
                    .. Enumerable.Range(0, count).Select(place => place == 1
                        ? default
                        : new OutputChange(place == 2 ? 1.5 : random.NextDouble(), random.NextDouble())),
                ]),
            ],
            [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())],
            [.. sample.Predictions.Select((id, place) => place % 3 == 0 ? id + 1 : id)],
            [
                .. sample.Patterns.Skip(random.Next(2)).Take(3).Select((shown, place) => Pattern(
                    random, shown.Head, sample.Sample.Ids.Length, sample.First, 0.5 / (place + 1))),
            ]);
    }
}
