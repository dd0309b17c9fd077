using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class AttentionComparisonTests : IDisposable
{
    // Of probabilities in single precision, and of a quotient in double.
    const double Single = 1e-5, Rounding = 1e-12;

    ImmutableArray<AblationSample> Two => [new([.. tiny.Prompt(12)], 7), new([.. tiny.Prompt(10, 3)], 9)];

    readonly TinyQwen2 tiny = new();
    readonly CpuDevice device = new();

    [Fact]
    public void Distances_are_those_of_whole_runs()
    {
        using var model = tiny.On(device);
        ImmutableArray<AblationSample> samples = [new([.. tiny.Prompt(12)], 7), new([.. tiny.Prompt(10, 3)], 9)];
        var head = new HeadIndex(0, 2);
        var found = AttentionComparison.Run(
            model, samples, new() { Heads = [head], Kinds = [AblationKind.Zero] }, most: 5);
        Assert.Equal((1, 1, tiny.Config.HeadCount), (found.Layer, found.Conditions.Length, found.Heads.Length));
        var (before, after) = (Rows([]), Rows([head]));
        foreach (var of in found.Heads)
            for (var distance = 0; distance <= 5; distance++)
            {
                double[] one = [.. before.Select((run, place) => At(run, place))];
                double[] other = [.. after.Select((run, place) => At(run, place))];
                Assert.Equal(one.Average(), of.Before[distance].Mean, Single);
                Assert.Equal(other.Average(), of.Conditions[0].After[distance].Mean, Single);
                var difference = of.Conditions[0].Difference[distance];
                Assert.Equal(other.Zip(one, (x, y) => x - y).Average(), difference.Mean, Single);
                Assert.Equal(
                    Math.Abs((other[0] - one[0]) - (other[1] - one[1])) / Math.Sqrt(2), difference.Spread, Single);
                Assert.Equal(difference.Spread / Math.Sqrt(2), difference.StandardError, Rounding);

                double At(Recording run, int place) => run[new(Activation.Pattern, 1)]
                    .Row(samples[place].Position, of.Head.Head)[samples[place].Position - distance];
            }

        ImmutableArray<Recording> Rows(ImmutableArray<HeadIndex> gone) =>
        [
            .. samples.Select(sample => new Recorder(model).Record(
                sample.Ids.AsSpan(), [new(Activation.Pattern) { Layers = [1] }],
                new()
                {
                    Interventions = [.. gone.Select(one => Intervention.Zero(InterventionTarget.At(
                        model, Activation.HeadOutput, one.Layer, [one.Head], [sample.Position])))],
                })),
        ];
    }

    // With means, the runs of the samples begin at the changed layer; an earlier one is looked at all the same.
    [Fact]
    public void Heads_before_the_changed_layer_look_as_far_back_as_before()
    {
        using var model = tiny.On(device);
        var found = AttentionComparison.Run(
            model, [new([.. tiny.Prompt(12)], 7), new([.. tiny.Prompt(10, 3)], 9)], new() { Heads = [new(2, 0)] },
            layer: 1, most: 3);
        Assert.All(
            found.Heads.SelectMany(head => head.Conditions).SelectMany(one => one.Difference),
            difference => Assert.Equal(0, difference.Mean));
    }

    // Of queries at the position, of keys at the one before: what follows from neither of them alone.
    [Fact]
    public void Components_of_queries_are_taken_out_at_the_position_and_those_of_keys_before_it()
    {
        using var model = tiny.On(device);
        ImmutableArray<AblationSample> samples = [new([.. tiny.Prompt(12)], 7), new([.. tiny.Prompt(10, 3)], 9)];
        var components = new AblatedComponents(
            Decomposition.Svd(model, 1, DecompositionKind.MatrixSvd),
            [new(AttentionProjection.Query, 0), new(AttentionProjection.Key, 0)]);
        var found = AttentionComparison.Run(
            model, samples, new() { Components = components, Together = true }, most: 4);
        Assert.Equal(1, found.Layer);
        foreach (var of in found.Heads)
            for (var distance = 0; distance <= 4; distance++)
                Assert.Equal(
                    samples.Average(sample => At(sample, of.Head.Head, distance)),
                    of.Conditions[0].After[distance].Mean, Single);
        Assert.Contains(found.Heads, head => Math.Abs(head.Conditions[0].Difference[1].Mean) > 1e-3);

        double At(AblationSample sample, int head, int distance)
        {
            var before = new Recorder(model).Record(
                sample.Ids.AsSpan(), [new(Activation.AttentionInput) { Layers = [1] }]);
            var run = new Recorder(model).Record(
                sample.Ids.AsSpan(), [new(Activation.Pattern) { Layers = [1] }],
                new() { Interventions = [.. components.At(model, before, [sample.Position], [sample.Position - 1])] });
            return run[new(Activation.Pattern, 1)].Row(sample.Position, head)[sample.Position - distance];
        }
    }

    [Fact]
    public void The_largest_change_is_that_of_the_largest_magnitude() => Assert.Equal(
        1, new ChangedDistances([], [new(0.25, 0, 2), new(-0.5, 0, 2), new(0.375, 0, 2)]).Largest);

    [Fact]
    public void Without_a_condition_there_is_nothing_to_compare()
    {
        using var model = tiny.On(device);
        Assert.Equal(
            "There is no condition, expected one or more.",
            Assert.Throws<ArgumentException>(() => AttentionComparison.RunConditions(
                model, [new([.. tiny.Prompt(12)], 7)], ImmutableArray<AblationCondition>.Empty)).Message);
    }

    [Fact]
    public void Conditions_that_do_not_fit_are_refused()
    {
        using var model = tiny.On(device);
        AblationCondition zero = new(AblatedPart.Head, AblationKind.Zero, [new(1, 0)]);
        var (first, second) = (OfComponents(0), OfComponents(1));
        Refused("Conditions has L1H0 zero among components: all take components out, or none.", first, zero);
        Refused("Conditions has L1H0 mean among components", second, zero with { Kind = AblationKind.Mean });
        Refused("of layer 0, expected layer 1: components of one layer are taken out at a time.", second, first);
        Refused("expected Zero of Component", first with { Part = AblatedPart.Head });
        Refused("expected Zero of Component", first with { Kind = AblationKind.Mean });
        Refused("of layer 0, expected layer 1", second, second with { Components = first.Components });
        Refused("Conditions has Component without components.", zero with { Part = AblatedPart.Component });
        Refused(
            "Conditions has L1H0 knock-out, which is not for Head: KnockOut is for values, and Redirect for heads.",
            zero with { Kind = AblationKind.KnockOut });
        Refused("Conditions has a condition without a head", zero with { Heads = [] });
        Refused("Conditions has L3H0", zero with { Heads = [new(3, 0)] });
        Refused("Conditions has L0H6", zero with { Heads = [new(0, 6)] });
        Refused("ascending", zero with { Heads = [new(2, 0), new(1, 0)] });
        Refused("ascending", zero with { Heads = [new(1, 0), new(1, 0)] });
        Refused(
            "Conditions has values of L1H0 knock-out, which hides one position",
            zero with { Part = AblatedPart.Value, Kind = AblationKind.KnockOut });

        AblationCondition OfComponents(int layer) => Assert.Single(new AblationOptions
        {
            Components = new(Decomposition.Svd(model, layer), [new(AttentionProjection.Query, 0)]),
        }.ConditionsFor(model));

        void Refused(string why, params ImmutableArray<AblationCondition> conditions) => Assert.Contains(
            why,
            Assert.Throws<ArgumentException>(() => AttentionComparison.RunConditions(
                model, Two, conditions, most: 2, everywhere: true)).Message,
            StringComparison.Ordinal);
    }

    // What follows the position of a sample is not looked at, but counts in means, and is put in place of others.
    [Theory]
    [InlineData(AblationKind.Mean, false)]
    [InlineData(AblationKind.Mean, true)]
    [InlineData(AblationKind.Resample, false)]
    [InlineData(AblationKind.Resample, true)]
    public void What_is_put_in_place_is_that_of_a_study(AblationKind kind, bool everywhere)
    {
        using var model = tiny.On(device);
        HeadIndex head = new(0, 2);
        ImmutableArray<AblationSample> samples = [new([.. tiny.Prompt(12)], 7), new([.. tiny.Prompt(10, 3)], 4)];
        var options = new AblationOptions { Heads = [head], Kinds = [kind], Everywhere = everywhere, ShownHeads = 18 };
        var found = AttentionComparison.Run(model, samples, options, most: 4);
        var study = AblationStudy.Run(model, samples, options);
        var changed = found.Heads.Where(of => study.Conditions[0].Samples.All(sample =>
            sample.Patterns.Any(shown => shown.Head == of.Head))).ToList();
        Assert.NotEmpty(changed);
        foreach (var of in changed)
            for (var distance = 0; distance <= 4; distance++)
                Assert.Equal(
                    Enumerable.Range(0, 2).Average(place => At(place, of.Head, distance)),
                    of.Conditions[0].After[distance].Mean, Single);

        double At(int place, HeadIndex of, int distance)
        {
            var ((ids, position), first) = (samples[place], study.Samples[place].First);
            var shown = study.Conditions[0].Samples[place].Patterns.Single(shown => shown.Head == of);
            return shown.Rows[((position - first) * ids.Length) + position - distance];
        }
    }

    [Fact]
    public void Says_which_sample_is_too_short()
    {
        using var model = tiny.On(device);
        Assert.Equal(
            "Sample 1 has 12 tokens, expected more than 20.",
            Assert.Throws<ArgumentException>(() =>
                AttentionComparison.Run(model, [new([.. tiny.Prompt(12)], 7)])).Message);
    }

    public void Dispose()
    {
        device.Dispose();
        tiny.Dispose();
    }
}
