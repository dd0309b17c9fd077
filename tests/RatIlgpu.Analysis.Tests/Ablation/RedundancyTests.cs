using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

/// <summary>A head of one layer looks one token back and writes that token; another, of the other group, is uniform and
/// writes what it sees elsewhere. What is left of both has a formula.</summary>
public sealed class RedundancyTests : IDisposable
{
    const double Single = 1e-4;

    const int T = 9;

    static readonly HeadIndex Back = new(0, 1), Uniform = new(0, 2);

    // Eleven tokens, of which that before position 9 comes twice: squares of counts up to there sum to 12.
    static readonly AblationSample Sample = new([5, 3, 1, 7, 9, 2, 4, 8, 3, 6, 11, 0], T);

    readonly TemporaryFolder folder = new();
    readonly CpuDevice device = new();

    [Fact]
    public void A_head_that_reads_the_token_before_has_all_that_its_value_there_gives()
    {
        using var run = Load(hasUniform: true);
        var report = RedundancyStudy.Run(run.Network, [Sample], [Back]);
        var squares = 12.0 / 100;
        Is(squares / (1 + squares), RedundancyPair.Heads);
        Is(0.1071, RedundancyPair.Heads);
        Is(1, RedundancyPair.OwnValuesAfterHeads);
        Is(squares / (1 + squares), RedundancyPair.OwnValues);
        Is(0.0893, RedundancyPair.Values);
        Is(0.8333, RedundancyPair.ValuesAfterHeads);
        Assert.Equal(1, report.OwnRedundancy!.Value, Single);
        Assert.Equal(1 - ((1 - (10.0 / 12)) / (1 - (0.1 / 1.12))), report.Redundancy!.Value, Single);
        Assert.Equal(-(1 - 0.107143), report.OwnInteraction!.Value, Single);
        var heads = report.Comparisons.Single(one => one.Pair == RedundancyPair.Heads);
        Assert.Equal(Math.Sqrt(squares / (1 + squares)), heads.Cosine.Mean, Single);

        void Is(double expected, RedundancyPair pair) =>
            Assert.Equal(expected, report.ProjectionOf(pair)!.Value, Single);
    }

    [Fact]
    public void Without_anything_else_in_the_layer_nothing_is_left_to_compare()
    {
        using var run = Load(hasUniform: false);
        var report = RedundancyStudy.Run(run.Network, [Sample], [Back]);
        Assert.Null(report.ProjectionOf(RedundancyPair.ValuesAfterHeads));
        Assert.Null(report.Redundancy);
        Assert.Equal(0, report.ProjectionOf(RedundancyPair.Heads)!.Value, Single);
        var heads = report.Comparisons.Single(one => one.Pair == RedundancyPair.Heads);
        Assert.Equal(0, heads.Cosine.Count);
    }

    // The dip is in the curve of values alone; without the head, the token before is like any other.
    [Fact]
    public void A_sweep_dips_at_one_token_back_where_the_head_is_there_and_nowhere_where_it_is_not()
    {
        using var run = Load(hasUniform: true);
        var layer = RedundancyStudy.Sweep(run.Network, [Sample], [Back], most: 5).Layers.Single();
        Assert.Equal(0.1071, layer.HeadsAlone.Projection.Mean, Single);
        Assert.Equal(0.0893, layer.Points[0].Values.Projection.Mean, Single);
        foreach (var point in layer.Points.Skip(1))
            Assert.Equal((1.12 - 0.01) / 1.12, point.Values.Projection.Mean, Single);
        foreach (var point in layer.Points)
        {
            var lost = point.Offset == 1 ? 0.02 : 0.01;
            Assert.Equal((0.12 - lost) / 1.12, point.Both.Projection.Mean, Single);
            Assert.Equal(point.Values.Projection.Mean - point.Both.Projection.Mean, point.Difference!.Value, 1e-12);
        }
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        using var run = Load(hasUniform: true);
        Assert.Equal(
            "Sample 1 has position 0, expected 1 to 11.",
            Assert.Throws<ArgumentException>(() =>
                RedundancyStudy.Run(run.Network, [Sample with { Position = 0 }], [Back])).Message);
        Assert.Equal(
            "Sample 1 has position 12, expected 3 to 11.",
            Assert.Throws<ArgumentException>(() =>
                RedundancyStudy.Sweep(run.Network, [Sample with { Position = 12 }], [Back], 3)).Message);
        Assert.StartsWith(
            "The heads are , expected one or more",
            Assert.Throws<ArgumentException>(() => RedundancyStudy.Run(run.Network, [Sample], [])).Message);
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    ConstructedRun Load(bool hasUniform)
    {
        var model = new ConstructedModel(1);
        model.RememberPrevious();
        if (hasUniform)
        {
            model.HoldTokens(0, Uniform.Head / ConstructedShape.GroupSize, 1 / model.Shape.Height(1));
            model.WriteTokens(0, Uniform.Head, ConstructedShape.Out);
        }

        return ConstructedRun.Load(model, folder.Root, device);
    }
}
