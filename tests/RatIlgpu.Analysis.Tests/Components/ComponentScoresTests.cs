using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Components;

public sealed class ComponentScoresTests
{
    const int Layer = 1, Length = 9;

    public static TheoryData<string> Families => [.. TinyQwen2.Families.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void The_terms_with_rest_delta_and_bias_add_up_to_the_score(string family)
    {
        using var bench = new InterventionBench(TinyQwen2.Families[family]);
        var (config, run) = (bench.Model.Config, bench.Record(bench.Prompt(Length)));
        var components = Decomposition.Svd(bench.Model, Layer);
        var found = ComponentScores.Exact(
            bench.Model, components, run, ^1, new([0, 3], [2, 1, 0]), mostKeys: 4);
        Assert.Equal(4, found.Keys.Length);
        Assert.InRange(found.LargestError, 0, 1e-5);
        Assert.Equal(["0", "3", "rest", "delta", "bias"], found.Values.Axes[2].Labels);
        Assert.Equal(["2", "1", "0", "rest", "delta", "bias"], found.Values.Axes[3].Labels);
        for (var head = 0; head < config.HeadCount; head++)
            foreach (var (place, key) in found.Keys.Index())
            {
                var sum = Sum(found.Values, head, place, (_, _) => true);
                Assert.Equal(Score(bench.Model, run, head, Length - 1, key), sum, 1e-12);
                Assert.Equal(found.Scores[head, place]!.Value, sum, 1e-12);
                Assert.Equal(
                    run[new(Activation.Pattern, Layer)].Row(Length - 1, head)[key],
                    found.Attention[head, place]!.Value, 1e-5);

                // All singular vectors together have the whole matrix.
                Assert.Equal(0, Sum(found.Values, head, place, (one, other) => one == 3 || other == 4), 1e-9);
            }
    }

    [Fact]
    public void Without_the_delta_of_a_partial_decomposition_a_sum_is_another_score()
    {
        using var bench = new InductionBench();
        var (model, run) = (bench.Model, bench.Record([.. ComponentScores.Captures(1)]));
        var found = ComponentScores.Exact(model, bench.Decomposition, run, InductionBench.Half + 4,
            new([InductionBench.Ids[4]], [InductionBench.Ids[4]]), 32);
        var place = found.Keys.Items.IndexOf(5);
        var score = found.Scores[CircuitModels.Inductor.Head, place]!.Value;
        Assert.Equal(CircuitModels.InductionKappa, score, 0.01);
        Assert.Equal(score, found.Values[CircuitModels.Inductor.Head, place, 0, 0]!.Value, 1e-6);
        Assert.All(found.Keys.Index(), one => Assert.Equal(0, found.Scores[0, one.Index]!.Value, 1e-9));
    }

    [Fact]
    public void What_a_decomposition_lacks_is_the_delta()
    {
        using var bench = new InterventionBench();
        var run = bench.Record(bench.Prompt(Length));
        var whole = Decomposition.Svd(bench.Model, Layer);
        var part = new Decomposition(
            bench.Model, Layer, DecompositionKind.File,
            [.. Enum.GetValues<AttentionProjection>().Select(projection => First(bench.Model, whole[projection], 2))]);
        var pairs = new ComponentPairs([0, 1], [0, 1]);
        var (found, full) = (
            ComponentScores.Exact(bench.Model, part, run, ^1, pairs),
            ComponentScores.Exact(bench.Model, whole, run, ^1, pairs));
        var largest = 0.0;
        for (var head = 0; head < bench.Model.Config.HeadCount; head++)
            for (var key = 0; key < found.Keys.Length; key++)
            {
                Assert.Equal(
                    found.Scores[head, key]!.Value, Sum(found.Values, head, key, (_, _) => true), 1e-12);
                largest = Math.Max(largest, Math.Abs(Sum(found.Values, head, key, (x, y) => x == 3 || y == 3)));
                for (var term = 0; term < 5; term++)
                    for (var other = 0; other < 5; other++)
                        Assert.Equal(
                            full.Values[head, key, Swapped(term), Swapped(other)]!.Value,
                            found.Values[head, key, term, other]!.Value, 1e-9);
            }

        Assert.InRange(largest, 0.1, double.MaxValue);

        // What is rest in the whole is delta in the part.
        static int Swapped(int term) => term is 2 or 3 ? 5 - term : term;
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Scores_over_offsets_have_the_closed_form(string family)
    {
        using var bench = new InterventionBench(TinyQwen2.Families[family]);
        var (model, config) = (bench.Model, bench.Model.Config);
        var components = Decomposition.Svd(model, Layer);
        var found = ComponentScores.OverOffsets(
            model, components, new([0, 2], [1]), [0, 1, 5], (projection, _) =>
                projection == AttentionProjection.Query ? -1 : 1);
        Assert.Equal(["0", "1", "5"], found.Axes[0].Labels);
        var (size, cosines) = (config.HeadSize, new float[6 * config.HeadSize]);
        new RotaryEmbedding(config).Fill(0, 6, cosines);
        foreach (var (place, offset) in new[] { 0, 1, 5 }.Index())
            for (var head = 0; head < config.HeadCount; head++)
            {
                var (query, key) = (
                    Vector(AttentionProjection.Query, 2, head),
                    Vector(AttentionProjection.Key, 1, head / config.GroupSize));
                var sum = 0.0;
                for (var m = 0; m < size / 2; m++)
                {
                    var (cosine, sine) = (cosines[(offset * size) + m], cosines[(offset * size) + (size / 2) + m]);
                    var (even, odd) = (
                        (query[m] * key[m]) + (query[m + (size / 2)] * key[m + (size / 2)]),
                        (query[m] * key[m + (size / 2)]) - (query[m + (size / 2)] * key[m]));
                    sum += (even * cosine) + (odd * sine);
                }

                Assert.Equal(-sum / Math.Sqrt(size), found[place, head, 1, 0]!.Value, 1e-12);
            }

        double[] Vector(AttentionProjection projection, int component, int head)
        {
            var (matrix, weights) = (components[projection], model.Weights.Layers[Layer]);
            var gain = projection == AttentionProjection.Query ? weights.QueryGain : weights.KeyGain;
            var factors = gain is null ? [.. Enumerable.Repeat(1f, size)] : model.Rows(gain, 0);
            var norm = Math.Sqrt(matrix.Direction(component).Sum(number => number * number));
            return
            [
                .. matrix.OfHead(component, head).ToArray()
                    .Zip(factors, (number, factor) => number * factor * norm),
            ];
        }
    }

    [Fact]
    public void A_run_that_was_changed_between_the_stream_and_the_scores_is_refused()
    {
        using var bench = new InterventionBench();
        var run = bench.Record(bench.Prompt(Length), Intervention.Scale(bench.At(Activation.Query, Layer), 2));
        var components = Decomposition.Svd(bench.Model, Layer);
        var fault = Assert.Throws<ArithmeticException>(() =>
            ComponentScores.Exact(bench.Model, components, run, ^1, ComponentPairs.Alive(components, 2)));
        Assert.Contains("add up to another score than that of the run", fault.Message, StringComparison.Ordinal);
    }

    // W x + b, normed where the model norms heads, rotated, in double.
    static double Score(Qwen2Model model, Recording run, int head, int query, int key)
    {
        var (config, weights) = (model.Config, model.Weights.Layers[Layer]);
        var (q, k) = (
            Turned(AttentionProjection.Query, head, query, weights.QueryGain),
            Turned(AttentionProjection.Key, head / config.GroupSize, key, weights.KeyGain));
        return q.Zip(k, (one, other) => one * other).Sum() / Math.Sqrt(config.HeadSize);

        double[] Turned(AttentionProjection projection, int own, int position, Tensors.Tensor? gain)
        {
            var (weight, input) = (
                ProjectionWeight.Of(model, Layer, projection),
                run[new(Activation.AttentionInput, Layer)].Row(position).ToArray());
            var size = config.HeadSize;
            double[] row =
            [
                .. Enumerable.Range(own * size, size).Select(output =>
                    weight.Bias[output] + input.Index().Sum(one => (double)one.Item * weight.Row(output)[one.Index])),
            ];
            if (gain is not null)
            {
                var (scale, factors) = (
                    Math.Sqrt(row.Average(number => number * number) + config.RmsNormEpsilon),
                    model.Rows(gain, 0));
                row = [.. row.Select((number, i) => number / scale * factors[i])];
            }

            new HeadTurns(config, position + 1).Turn(position, row);
            return row;
        }
    }

    static double Sum(LabelledArray values, int head, int key, Func<int, int, bool> counts)
    {
        var sum = 0.0;
        for (var term = 0; term < values.Axes[2].Labels.Length; term++)
            for (var other = 0; other < values.Axes[3].Labels.Length; other++)
                if (counts(term, other))
                    sum += values[head, key, term, other]!.Value;
        return sum;
    }

    static MatrixComponents First(Qwen2Model model, MatrixComponents matrix, int count) => new(
        ProjectionWeight.Of(model, Layer, matrix.Projection),
        [.. Enumerable.Range(0, count).SelectMany(one => matrix.Output(one).ToArray())],
        [.. Enumerable.Range(0, count).SelectMany(one => matrix.Input(one).ToArray())]);
}
