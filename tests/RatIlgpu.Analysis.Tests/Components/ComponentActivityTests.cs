namespace RatIlgpu.Analysis.Tests.Components;

public sealed class ComponentActivityTests
{
    [Fact]
    public void Components_of_tokens_are_active_where_the_token_stands()
    {
        using var bench = new InductionBench();
        var found = ComponentActivity.Of(bench.Model, bench.Decomposition, [InductionBench.Ids]);
        Assert.Equal((1, 32L, 0.1), (found.Layer, found.Tokens, found.Threshold));
        var query = found.Matrices[(int)AttentionProjection.Query];
        Assert.Equal(16, query.Components.Length);
        Assert.All(query.Active, count => Assert.Equal(2, count));

        // Queries of tokens have parts in one head of four; keys in one of two.
        var (height, factor) = (1 / Math.Sqrt(2.0 / 128), 2.0 / 32);
        for (var place = 0; place < 16; place++)
        {
            Assert.Equal(height * factor, query.MeanActivation[place], 1e-3);
            Assert.Equal([false, false, true, false], Enumerable.Range(0, 4).Select(head =>
                query.Heads[place, head]!.Value > 1e-6));
        }

        var key = found.Matrices[(int)AttentionProjection.Key];
        Assert.Equal(2, key.Heads.Axes[1].Labels.Length);
        Assert.All(found.Groups, group => Assert.Empty(group));
        Assert.Empty(found.Matrices[(int)AttentionProjection.Value].Components);
    }

    [Fact]
    public void Pairs_are_counted_in_each_key_value_head()
    {
        using var bench = new InterventionBench();
        var components = Decomposition.Svd(bench.Model, 1);
        ValueArray<int>[] texts = [[.. bench.Prompt(20)], [.. bench.Prompt(13, 8)]];
        var found = ComponentActivity.Of(bench.Model, components, texts, most: 3, threshold: 0.3);
        Assert.Equal(33, found.Tokens);
        Assert.Equal(2, found.Groups.Length);
        foreach (var (head, pairs) in found.Groups.Index())
            for (var value = 0; value < 3; value++)
                for (var key = 0; key < 3; key++)
                {
                    var (ofKey, ofValue) = (
                        Active(AttentionProjection.Key, key, head), Active(AttentionProjection.Value, value, head));
                    Assert.Equal(
                        new(33, ofKey.Count(one => one), ofValue.Count(one => one),
                            ofKey.Zip(ofValue, (one, other) => one && other).Count(one => one)),
                        pairs[(value * 3) + key]);
                }

        bool[] Active(AttentionProjection projection, int component, int head) =>
        [
            .. texts.SelectMany(ids =>
            {
                var run = bench.Record([.. ids]);
                var matrix = components[projection];
                var bias = ProjectionWeight.Of(bench.Model, 1, projection).Bias;
                var output = run[new(projection == AttentionProjection.Key ? Activation.Key : Activation.Value, 1)];
                return Enumerable.Range(0, ids.Length).Select(position =>
                {
                    var written = output.Row(position, head).ToArray().Select((number, i) =>
                        number - bias[(head * matrix.HeadSize) + i]);
                    var activation = matrix.Activation(
                        component, run[new(Activation.AttentionInput, 1)].Row(position));
                    return Math.Abs(activation) * Length(matrix.OfHead(component, head).ToArray())
                        > 0.3 * Length(written);
                });
            }),
        ];

        static double Length(IEnumerable<double> numbers) => Math.Sqrt(numbers.Sum(number => number * number));
    }

    [Fact]
    public void Without_texts_there_is_no_activity()
    {
        using var bench = new InductionBench();
        Assert.Throws<ArgumentException>(() => ComponentActivity.Of(bench.Model, bench.Decomposition, []));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            ComponentActivity.Of(bench.Model, bench.Decomposition, [InductionBench.Ids], threshold: 0));
    }
}
