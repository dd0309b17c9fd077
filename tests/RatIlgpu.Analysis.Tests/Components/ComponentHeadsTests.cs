using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Components;

public sealed class ComponentHeadsTests
{
    [Fact]
    public void Norms_are_those_of_the_rows_of_a_head_and_keys_have_a_part_for_each_key_value_head()
    {
        using var bench = new InterventionBench();
        var (config, components) = (bench.Model.Config, Decomposition.Svd(bench.Model, 1));
        foreach (var projection in Enum.GetValues<AttentionProjection>())
        {
            var matrix = components[projection];
            var isOutput = projection == AttentionProjection.Output;
            var found = ComponentHeads.Norms(matrix, [3, 0]);
            Assert.Equal(
                [2, projection is AttentionProjection.Query or AttentionProjection.Output
                    ? config.HeadCount
                    : config.KeyValueHeadCount],
                found.Axes.Select(axis => axis.Labels.Length));
            for (var head = 0; head < matrix.HeadCount; head++)
            {
                var squares = 0.0;
                foreach (var (i, written) in matrix.Output(3).ToArray().Index())
                    foreach (var (j, read) in matrix.Direction(3).Index())
                        if ((isOutput ? j : i) / config.HeadSize == head)
                            squares += written * read * (written * read);
                Assert.Equal(Math.Sqrt(squares), found[0, head]!.Value, 1e-12);
            }
        }
    }

    [Fact]
    public void Entropy_is_in_nats()
    {
        var even = HeadSpread.Of(2, 2, 2, 2);
        Assert.Equal(Math.Log(4), even.Entropy!.Value, 1e-15);
        Assert.Equal(Math.Log(4), even.Ceiling);
        Assert.Equal(1, even.Relative!.Value, 1e-15);
        Assert.Equal(4, even.Participation!.Value, 1e-12);
        var uneven = HeadSpread.Of(1, 3, 0, 0);
        Assert.Equal((0.25 * Math.Log(4)) + (0.75 * Math.Log(4.0 / 3)), uneven.Entropy!.Value, 1e-15);
        Assert.Equal(100.0 / 82, uneven.Participation!.Value, 1e-15);
        Assert.Equal(1, uneven.Dominant);
        Assert.Equal(new(0, 1, 1, 0), HeadSpread.Of(5));
        Assert.Null(HeadSpread.Of(5).Relative);
        Assert.Equal(new(null, 2, null, 0), HeadSpread.Of(0, 0));
        Assert.Throws<ArgumentException>(() => HeadSpread.Of());
    }

    [Fact]
    public void Keys_and_values_that_read_the_same_direction_are_alike()
    {
        using var tiny = new TinyQwen2();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        var key = Decomposition.Svd(model, 0)[AttentionProjection.Key];
        var components = new Decomposition(model, 0, DecompositionKind.File, [key, key, key, key]);
        var found = ComponentHeads.ReadSimilarity(components, [0, 1], [1, 0]);
        Assert.Equal([0, 1, 1, 0], found.Values.Select(value => Math.Round(value!.Value, 9)));
        Assert.Equal(["value", "key"], found.Axes.Select(axis => axis.Name));
    }
}
