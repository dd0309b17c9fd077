using MathNet.Numerics.LinearAlgebra;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Components;

public sealed class QueryKeyVectorsTests
{
    const int Layer = 1, Distance = 3, Head = 4;

    // Of scores and weights in double, and of the norm of a whole block.
    const double Rounding = 1e-12, NormRounding = 1e-11;

    // Of angles in single precision.
    const double Single = 1e-6;

    public static TheoryData<string> Families => [.. TinyQwen2.Families.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void At_the_distance_each_query_component_meets_the_key_component_of_its_number_alone(string family)
    {
        using var bench = new InterventionBench(TinyQwen2.Families[family]);
        var components = Decomposition.QueryKeySvd(bench.Model, new(Layer, Head), Distance);
        var (query, key) = (components[AttentionProjection.Query], components[AttentionProjection.Key]);
        var size = bench.Model.Config.HeadSize;
        Assert.Equal((size, size), (query.Count, key.Count));
        Assert.Equal(query.CircuitValues, key.CircuitValues);
        Assert.Equal(query.CircuitValues!.Value.OrderDescending(), query.CircuitValues);
        ImmutableArray<int> all = [.. Enumerable.Range(0, size)];
        var scores = ComponentScores.OverOffsets(bench.Model, components, new(all, all), [Distance, Distance + 1]);
        var elsewhere = 0.0;
        for (var one = 0; one < size; one++)
            for (var other = 0; other < size; other++)
            {
                Assert.Equal(
                    one == other ? query.CircuitValues.Value[one] / Math.Sqrt(size) : 0,
                    scores[0, Head, one, other]!.Value, Rounding);
                elsewhere = Math.Max(elsewhere, one == other ? 0 : Math.Abs(scores[1, Head, one, other]!.Value));
            }

        Assert.True(elsewhere > 0.1);

        // The same in a run, where activations and a norm of heads come in; its angles are in single precision, so that
        // two rotations are that of the distance but for 1e-7.
        var run = bench.Record(bench.Prompt(9));
        var exact = ComponentScores.Exact(bench.Model, components, run, ^1, new(all, all), mostKeys: 9);
        var place = exact.Keys.Items.IndexOf(8 - Distance);
        Assert.True(place >= 0);
        for (var one = 0; one < size; one++)
            for (var other = 0; other < size; other++)
                if (one != other)
                    Assert.Equal(0, exact.Values[Head, place, one, other]!.Value, Single);
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void The_form_turns_the_query_by_the_distance_and_has_the_gains_of_a_norm_of_heads(string family)
    {
        using var bench = new InterventionBench(TinyQwen2.Families[family]);
        var (model, layer) = (bench.Model, bench.Model.Weights.Layers[Layer]);
        var (size, group) = (model.Config.HeadSize, model.Config.GroupSize);
        var found = Decomposition.QueryKeySvd(model, new(Layer, Head), Distance)[AttentionProjection.Query];
        var (queries, keys) = (Block(AttentionProjection.Query, Head), Block(AttentionProjection.Key, Head / group));
        Assert.Equal(model.Config.NormsHeads, layer.QueryGain is not null);
        var (left, right) = (Diagonal(layer.QueryGain) * queries, Diagonal(layer.KeyGain) * keys);
        // ⟨R q, k⟩ = qᵀ Rᵀ k.
        var (turn, values) = (Rotation(model.Config, Distance), found.CircuitValues!.Value);
        var expected = Strengths(left.TransposeThisAndMultiply(turn.Transpose()) * right);
        foreach (var (value, exact) in values.Zip(expected))
            Assert.Equal(exact, value, Single);
        // A rotation the other way is another form.
        Assert.True(Math.Abs(values[0] - Strengths(left.TransposeThisAndMultiply(turn) * right)[0]) > 0.01);

        Matrix<double> Block(AttentionProjection projection, int head) =>
            ProjectionWeight.Of(model, Layer, projection).Folded()
                .SubMatrix(head * size, size, 0, model.Config.HiddenSize);

        Matrix<double> Diagonal(Tensor? gain) => Matrix<double>.Build.Diagonal(
            size, size, i => gain is null ? 1 : model.Rows(gain, 0)[i]);

        static Vector<double> Strengths(Matrix<double> form) => form.Svd(computeVectors: false).S;
    }

    // [headSize, headSize]: turns a head at a position, as the definition says.
    static Matrix<double> Rotation(Qwen2Config config, int position)
    {
        var (size, half) = (config.HeadSize, config.HeadSize / 2);
        var turn = Matrix<double>.Build.Dense(size, size);
        for (var pair = 0; pair < half; pair++)
        {
            var angle = position * Math.Pow(config.RopeTheta, -2.0 * pair / size);
            (turn[pair, pair], turn[half + pair, half + pair]) = (Math.Cos(angle), Math.Cos(angle));
            (turn[pair, half + pair], turn[half + pair, pair]) = (-Math.Sin(angle), Math.Sin(angle));
        }

        return turn;
    }

    [Fact]
    public void The_components_are_the_block_of_the_head_and_the_delta_is_that_of_all_others()
    {
        using var bench = new InterventionBench();
        var config = bench.Model.Config;
        var components = Decomposition.QueryKeySvd(bench.Model, new(Layer, Head), Distance);
        foreach (var (projection, head) in new[]
        {
            (AttentionProjection.Query, Head), (AttentionProjection.Key, Head / config.GroupSize),
        })
        {
            var (sum, whole) = (
                components[projection].Sum(), ProjectionWeight.Of(bench.Model, Layer, projection).Folded());
            for (var row = 0; row < whole.RowCount; row++)
                for (var column = 0; column < whole.ColumnCount; column++)
                    Assert.Equal(
                        row / config.HeadSize == head ? whole[row, column] : 0, sum[row, column], Rounding);
        }

        // Values and outputs are those of each head.
        var svd = Decomposition.Svd(bench.Model, Layer, DecompositionKind.HeadSvd);
        foreach (var projection in new[] { AttentionProjection.Value, AttentionProjection.Output })
            Assert.Equal(svd[projection].Energies, components[projection].Energies);
    }

    [Fact]
    public void Those_count_that_have_most_of_the_circuit()
    {
        using var bench = new InterventionBench();
        var components = Decomposition.QueryKeySvd(bench.Model, new(Layer, Head));
        var matrix = components[AttentionProjection.Key];
        double[] squares = [.. matrix.CircuitValues!.Value.Select(value => value * value)];
        var alive = matrix.Alive();
        Assert.Equal(Enumerable.Range(0, alive.Length), alive);
        Assert.True(squares.Take(alive.Length).Sum() >= 0.95 * squares.Sum());
        Assert.True(squares.Take(alive.Length - 1).Sum() < 0.95 * squares.Sum());
        Assert.Equal(alive, components[AttentionProjection.Query].Alive());
        Assert.Equal(
            matrix.CircuitValues, MatrixReport.Of(bench.Model, components, AttentionProjection.Key).Strengths);
    }

    [Fact]
    public void A_stream_narrower_than_a_head_has_as_many_components_as_it_has_numbers()
    {
        using var bench = new InterventionBench(TinyQwen2.Small with { HeadSize = 48 });
        var query = Decomposition.QueryKeySvd(bench.Model, new(Layer, Head), 1)[AttentionProjection.Query];
        Assert.Equal(40, query.Count);
        var whole = ProjectionWeight.Of(bench.Model, Layer, AttentionProjection.Query).Folded();
        Assert.Equal(
            whole.SubMatrix(Head * 48, 48, 0, 40).FrobeniusNorm(), query.Sum().FrobeniusNorm(), NormRounding);
    }

    [Fact]
    public void Heads_layers_and_distances_that_the_model_does_not_have_are_refused()
    {
        using var bench = new InterventionBench();
        foreach (var (head, distance) in new (HeadIndex, int)[]
        {
            (new(3, 0), 0), (new(1, 6), 0), (new(1, 0), -1), (new(1, 0), 1024),
        })
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                Decomposition.QueryKeySvd(bench.Model, head, distance));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Decomposition.Svd(bench.Model, 1, DecompositionKind.QueryKeySvd));
    }
}
