using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>Logit attribution by its definition: each part of the stream as a whole vector, in double, from weights and
/// from the embedding, the patterns, the values and the neurons of a run.</summary>
/// <param name="model">The model.</param>
/// <param name="run">The run, with every activation.</param>
/// <param name="target">The answer, and the foil if there is one.</param>
/// <param name="position">The position that is explained.</param>
/// <param name="options">Into which parts, and from where logits are counted.</param>
sealed class PlainAttribution(
    Qwen2Model model, Recording run, LogitTarget target, int position, AttributionOptions options)
{
    readonly Qwen2Config config = model.Config;
    readonly Dictionary<Tensor, double[][]> weights = [];

    IEnumerable<int> Heads => Enumerable.Range(0, config.HeadCount);

    IEnumerable<int> Layers => Enumerable.Range(0, config.LayerCount);

    double[][] Attentions => field ??=
        [.. Layers.Select(layer => Sum(Heads.Select(head => Head(layer, head))))];

    double[][] Mlps => field ??=
        [.. Layers.Select(layer => Sum(Enumerable.Range(0, config.IntermediateSize).Select(i => Neuron(layer, i))))];

    // u = g ⊙ U[answer], or g ⊙ (U[answer] − U[foil]); the mean row of U may stand in the foil's place.
    double[] Direction
    {
        get
        {
            if (field is not null)
                return field;
            var rows = Rows(model.Weights.Unembedding);
            var from = target.Foil is { } foil ? rows[foil]
                : options.Reference == LogitReference.VocabularyMean ? Times(1.0 / rows.Length, Sum(rows))
                : new double[config.HiddenSize];
            var answer = rows[target.Answer!.Value];
            return field = [.. Rows(model.Weights.FinalGain)[0].Select((gain, i) => gain * (answer[i] - from[i]))];
        }
    }

    /// <summary>Returns what a row adds to the logit: <c>w · u / σ</c>.</summary>
    public double Value(ResidualTerm term)
    {
        var stream = Recorded(Activation.ResidualAfter, config.LayerCount - 1);
        var scale = Math.Sqrt(stream.Average(number => number * number) + config.RmsNormEpsilon);
        return Dot(Written(term), Direction) / scale;
    }

    double[] Written(ResidualTerm term) => term switch
    {
        ResidualTerm.Embedding => Recorded(Activation.Embedding),
        ResidualTerm.Attention row => Attentions[row.Layer],
        ResidualTerm.Mlp row => Mlps[row.Layer],
        ResidualTerm.Head row => Head(row.Index.Layer, row.Index.Head),
        ResidualTerm.HeadSource row => Source(row.Index.Layer, row.Index.Head, row.Source),
        ResidualTerm.Neuron row => Neuron(row.Layer, row.Index),
        ResidualTerm.ValueBias row => Sum(Heads.Select(head => Through(row.Layer, head, Bias(row.Layer, head)))),
        ResidualTerm.StreamBefore row => Stream(row.Layer),
        ResidualTerm.StreamMiddle row => Sum([Stream(row.Layer), Attentions[row.Layer]]),
        ResidualTerm.FinalStream => Stream(config.LayerCount),
        ResidualTerm.Remainder => Sum(
            [Recorded(Activation.Embedding), .. options.Unit == AttributionUnit.Neuron ? Attentions : Mlps]),
        _ => throw new ArgumentException($"{term} is left over, not written."),
    };

    double[] Stream(int layer) =>
        Sum([Recorded(Activation.Embedding), .. Attentions.Take(layer), .. Mlps.Take(layer)]);

    double[] Neuron(int layer, int index) => Times(
        run[new(Activation.MlpNeurons, layer)].Row(position)[index],
        [.. Rows(model.Weights.Layers[layer].Down).Select(row => row[index])]);

    double[] Head(int layer, int head) =>
        Sum(Enumerable.Range(0, position + 1).Select(source => Source(layer, head, source)));

    // A[position, source] · W_O (v[source]), the bias of v left out where it has a row of its own.
    double[] Source(int layer, int head, int source)
    {
        var value = run[new(Activation.Value, layer)].Row(source, KeyValueHead(head)).ToArray();
        var isApart = options.ValueBias == ValueBiasTreatment.Separate;
        double[] read = [.. value.Zip(Bias(layer, head), (number, bias) => number - (isApart ? bias : 0))];
        return Times(run[new(Activation.Pattern, layer)].Row(position, head)[source], Through(layer, head, read));
    }

    // W_O has the heads side by side, and every key/value head the same number of query heads in a row.
    double[] Through(int layer, int head, double[] read) => [.. Rows(model.Weights.Layers[layer].Output)
        .Select(row => Dot(row.AsSpan(head * config.HeadSize, config.HeadSize), read))];

    double[] Bias(int layer, int head) => model.Weights.Layers[layer].ValueBias is { } bias
        ? Rows(bias)[0][(KeyValueHead(head) * config.HeadSize)..][..config.HeadSize]
        : new double[config.HeadSize];

    int KeyValueHead(int head) => head * config.KeyValueHeadCount / config.HeadCount;

    double[] Recorded(Activation activation, int layer = 0) =>
        [.. run[new(activation, layer)].Row(position).ToArray().Select(number => (double)number)];

    double[][] Rows(Tensor weight)
    {
        if (weights.TryGetValue(weight, out var rows))
            return rows;
        var count = weight.Shape.Rank == 1 ? 1 : weight.Shape[0];
        var numbers = model.Rows(weight, [.. Enumerable.Range(0, count)]).Select(number => (double)number);
        return weights[weight] = [.. numbers.Chunk(weight.Shape[^1])];
    }

    static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    static double[] Times(double factor, double[] vector) => [.. vector.Select(number => factor * number)];

    static double[] Sum(IEnumerable<double[]> vectors) =>
        vectors.Aggregate((sum, vector) => [.. sum.Zip(vector, (a, b) => a + b)]);
}
