using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>Attention scores by their definition: each part of the stream as a whole vector, in double, through the
/// norm, the matrix of queries or keys, the norm of heads and the rotation.</summary>
/// <param name="model">The model.</param>
/// <param name="run">The run, with every activation.</param>
/// <param name="head">The head whose scores are divided.</param>
sealed class PlainScores(Qwen2Model model, Recording run, HeadIndex head)
{
    readonly Qwen2Config config = model.Config;
    readonly Dictionary<Tensor, double[][]> weights = [];

    Qwen2LayerWeights Layer => model.Weights.Layers[head.Layer];

    /// <summary>Returns what a pair of parts adds to the score.</summary>
    public double Pair(ResidualTerm queryPart, int query, ResidualTerm keyPart, int key) =>
        Dot(Query(queryPart, query), Key(keyPart, key)) / Math.Sqrt(config.HeadSize);

    /// <summary>Returns a part of the rotated query.</summary>
    public double[] Query(ResidualTerm part, int position) =>
        Turned(Through(part, position, Layer.Query, Layer.QueryBias, Layer.QueryGain, head.Head), position);

    /// <summary>Returns a part of the rotated key.</summary>
    public double[] Key(ResidualTerm part, int position) => Turned(
        Through(part, position, Layer.Key, Layer.KeyBias, Layer.KeyGain, head.Head / config.GroupSize), position);

    /// <summary>Returns the rotated query or key without a part, with the scales of the norms that are left without
    /// it.</summary>
    public double[] Without(ResidualTerm part, int position, bool isKey)
    {
        var (matrix, bias, gain, row) = isKey
            ? (Layer.Key, Layer.KeyBias, Layer.KeyGain, head.Head / config.GroupSize)
            : (Layer.Query, Layer.QueryBias, Layer.QueryGain, head.Head);
        var x = Recorded(Activation.ResidualBefore, head.Layer, position);
        double[] left = part is ResidualTerm.Bias
            ? x
            : [.. x.Zip(Written(part, position), (all, one) => all - one)];
        var whole = Times(matrix, row, Normed(left, Scale(left)));
        if (bias is not null && part is not ResidualTerm.Bias)
            whole = [.. whole.Zip(BiasOf(bias, row), (number, added) => number + added)];
        if (gain is not null)
            whole = [.. whole.Zip(Rows(gain)[0], (number, by) => number * by / Scale(whole))];
        return Turned(whole, position);
    }

    double[] Through(ResidualTerm part, int position, Tensor matrix, Tensor? bias, Tensor? gain, int row)
    {
        var x = Recorded(Activation.ResidualBefore, head.Layer, position);
        var scale = Scale(x);
        var read = part is ResidualTerm.Bias
            ? BiasOf(bias!, row)
            : Times(matrix, row, Normed(Written(part, position), scale));
        if (gain is null)
            return read;
        var whole = Times(matrix, row, Normed(x, scale));
        if (bias is not null)
            whole = [.. whole.Zip(BiasOf(bias, row), (number, added) => number + added)];
        return [.. read.Zip(Rows(gain)[0], (number, by) => number * by / Scale(whole))];
    }

    double[] Written(ResidualTerm part, int position) => part switch
    {
        ResidualTerm.Embedding => Recorded(Activation.Embedding, 0, position),
        ResidualTerm.Mlp one => Recorded(Activation.MlpOutput, one.Layer, position),
        ResidualTerm.Head one =>
            Output(one.Index, [.. run[new(Activation.HeadOutput, one.Index.Layer)].Row(position, one.Index.Head)]),
        ResidualTerm.HeadSource one => Output(one.Index, Read(one.Index, position, one.Source)),
        _ => throw new ArgumentException($"{part} is not written to the stream."),
    };

    float[] Read(HeadIndex earlier, int position, int source)
    {
        var attention = run[new(Activation.Pattern, earlier.Layer)].Row(position, earlier.Head)[source];
        var value = run[new(Activation.HeadValue, earlier.Layer)].Row(source, earlier.Head).ToArray();
        return [.. value.Select(number => attention * number)];
    }

    double[] Output(HeadIndex earlier, float[] read) =>
    [
        .. Rows(model.Weights.Layers[earlier.Layer].Output).Select(row =>
            Dot(row[(earlier.Head * config.HeadSize)..], [.. read.Select(number => (double)number)])),
    ];

    double[] Normed(double[] x, double scale) =>
        [.. x.Zip(Rows(Layer.AttentionGain)[0], (number, gain) => gain * number / scale)];

    double[] Times(Tensor matrix, int row, double[] normed) =>
        [.. Rows(matrix).Skip(row * config.HeadSize).Take(config.HeadSize).Select(one => Dot(one, normed))];

    double[] BiasOf(Tensor bias, int row) => Rows(bias)[0][(row * config.HeadSize)..][..config.HeadSize];

    double[] Turned(double[] x, int position)
    {
        var (angles, half) = (new float[x.Length], x.Length / 2);
        new RotaryEmbedding(config).Fill(position, 1, angles);
        return
        [
            .. Enumerable.Range(0, half).Select(p => (x[p] * angles[p]) - (x[half + p] * angles[half + p])),
            .. Enumerable.Range(0, half).Select(p => (x[half + p] * angles[p]) + (x[p] * angles[half + p])),
        ];
    }

    double[] Recorded(Activation activation, int layer, int position) =>
        [.. run[new(activation, layer)].Row(position).ToArray().Select(number => (double)number)];

    double Scale(double[] x) => Math.Sqrt(x.Average(number => number * number) + config.RmsNormEpsilon);

    double[][] Rows(Tensor weight)
    {
        if (weights.TryGetValue(weight, out var rows))
            return rows;
        var count = weight.Shape.Rank == 1 ? 1 : weight.Shape[0];
        var numbers = model.Rows(weight, [.. Enumerable.Range(0, count)]).Select(number => (double)number);
        return weights[weight] = [.. numbers.Chunk(weight.Shape[^1])];
    }

    // Over the shorter of the two.
    static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
