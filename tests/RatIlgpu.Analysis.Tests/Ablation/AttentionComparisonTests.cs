using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class AttentionComparisonTests : IDisposable
{
    const double Single = 1e-5;

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
                Assert.Equal(difference.Spread / Math.Sqrt(2), difference.StandardError, 1e-12);

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
