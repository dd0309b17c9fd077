using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using Numbers = double[];

namespace RatIlgpu.Testing;

/// <summary>Computes every activation of a recorded run from those before it, in double and without a device, and finds
/// the ones that differ: those that an intervention changed.</summary>
/// <param name="model">The model, without windows.</param>
sealed class HandWorkedRun(Qwen2Model model)
{
    /// <summary>Two orders of summation of some hundred F32 numbers, as a share of the largest of a site.</summary>
    const double Rounding = 1e-5;

    readonly Qwen2Config config = model.Config;
    readonly Dictionary<Tensor, float[]> weights = [];

    /// <summary>Returns the sites that do not follow from those before them.</summary>
    /// <param name="run">A run without padding, with every activation recorded.</param>
    public IEnumerable<Site> Changed(Recording run) =>
        from worked in All(run)
        let found = Of(run, worked.Site)
        where Distance(worked.Numbers, found) > Rounding * found.Max(Math.Abs)
        select worked.Site;

    /// <summary>Returns the key of a layer as attention sees it: normed, where the model norms heads, and rotated by
    /// its position.</summary>
    public float[] SeenKey(int layer, ReadOnlySpan<float> row, int position)
    {
        Numbers key = [.. row.ToArray().Select(number => (double)number)];
        var normed = NormOrNot(key, model.Weights.Layers[layer].KeyGain);
        return Turned([.. normed.Select(number => (float)number)], position);
    }

    // The row of a head, rotated by its position.
    float[] Turned(ReadOnlySpan<float> row, int position)
    {
        var angles = new float[row.Length];
        new RotaryEmbedding(config).Fill(position, 1, angles);
        var (turned, half) = (new float[row.Length], row.Length / 2);
        for (var i = 0; i < half; i++)
        {
            turned[i] = row[i] * angles[i] - row[half + i] * angles[half + i];
            turned[half + i] = row[half + i] * angles[i] + row[i] * angles[half + i];
        }

        return turned;
    }

    static double Distance(Numbers worked, Numbers found)
    {
        Assert.Equal(worked.Length, found.Length);
        return worked.Zip(found, (a, b) => Math.Abs(a - b)).Max();
    }

    IEnumerable<(Site Site, Numbers Numbers)> All(Recording run)
    {
        var all = model.Weights;
        int[] ids = [.. run.TokenIds];
        yield return (Site.Embedding, [.. model.Rows(all.Embedding, ids).Select(number => (double)number)]);
        yield return (new(Activation.ResidualBefore, 0), Of(run, Site.Embedding));
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (var (activation, numbers) in Layer(all.Layers[layer], one => Of(run, new(one, layer))))
                yield return (new(activation, layer), numbers);
            if (layer + 1 < config.LayerCount)
                yield return (
                    new(Activation.ResidualBefore, layer + 1), Of(run, new(Activation.ResidualAfter, layer)));
        }

        var last = Of(run, new(Activation.ResidualAfter, config.LayerCount - 1));
        yield return (Site.FinalNorm, Norm(last, all.FinalGain));
        yield return (Site.Logits, Linear(Of(run, Site.FinalNorm), all.Unembedding));
    }

    IEnumerable<(Activation Activation, Numbers Numbers)> Layer(Qwen2LayerWeights w, Func<Activation, Numbers> of)
    {
        yield return (Activation.AttentionInput, Norm(of(Activation.ResidualBefore), w.AttentionGain));
        var input = of(Activation.AttentionInput);
        yield return (Activation.Query, Linear(input, w.Query, w.QueryBias));
        yield return (Activation.Key, Linear(input, w.Key, w.KeyBias));
        yield return (
            Activation.RotatedQuery, Turned(NormOrNot(of(Activation.Query), w.QueryGain), config.HeadCount));
        yield return (
            Activation.RotatedKey, Turned(NormOrNot(of(Activation.Key), w.KeyGain), config.KeyValueHeadCount));
        yield return (Activation.Value, Linear(input, w.Value, w.ValueBias));
        yield return (Activation.HeadKey, OfEachHead(of(Activation.RotatedKey)));
        yield return (Activation.HeadValue, OfEachHead(of(Activation.Value)));
        yield return (Activation.Pattern, Pattern(of(Activation.RotatedQuery), of(Activation.HeadKey)));
        yield return (Activation.HeadOutput, Mix(of(Activation.Pattern), of(Activation.HeadValue)));
        yield return (Activation.AttentionOutput, Linear(of(Activation.HeadOutput), w.Output));
        yield return (
            Activation.ResidualMiddle, Sum(of(Activation.ResidualBefore), of(Activation.AttentionOutput)));
        yield return (Activation.MlpInput, Norm(of(Activation.ResidualMiddle), w.MlpGain));
        var (gate, up) = (Linear(of(Activation.MlpInput), w.Gate), Linear(of(Activation.MlpInput), w.Up));
        yield return (Activation.MlpNeurons, [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]);
        yield return (Activation.MlpOutput, Linear(of(Activation.MlpNeurons), w.Down));
        yield return (Activation.ResidualAfter, Sum(of(Activation.ResidualMiddle), of(Activation.MlpOutput)));
    }

    static Numbers Of(Recording run, Site site) => [.. run[site].Values.ToArray().Select(number => (double)number)];

    static Numbers Sum(Numbers left, Numbers right) => [.. left.Zip(right, (a, b) => a + b)];

    Numbers Norm(Numbers rows, Tensor gain) =>
    [
        .. rows.Chunk(gain.Shape[0]).SelectMany(row =>
        {
            var scale = Math.Sqrt(row.Average(x => x * x) + config.RmsNormEpsilon);
            return row.Zip(Weight(gain), (x, g) => g * x / scale);
        }),
    ];

    Numbers NormOrNot(Numbers rows, Tensor? gain) => gain is null ? rows : Norm(rows, gain);

    Numbers Linear(Numbers rows, Tensor weight, Tensor? bias = null)
    {
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var (matrix, shift) = (Weight(weight), bias is null ? new float[outputs] : Weight(bias));
        return
        [
            .. from row in rows.Chunk(inputs)
               from output in Enumerable.Range(0, outputs)
               select shift[output] + Enumerable.Range(0, inputs).Sum(i => row[i] * matrix[output * inputs + i]),
        ];
    }

    Numbers Turned(Numbers rows, int heads) =>
    [
        .. rows.Chunk(config.HeadSize).SelectMany((row, index) =>
            Turned([.. row.Select(number => (float)number)], index / heads).Select(number => (double)number)),
    ];

    Numbers OfEachHead(Numbers rows) =>
    [
        .. rows.Chunk(config.HeadSize).SelectMany(row =>
            Enumerable.Repeat(row, config.GroupSize).SelectMany(numbers => numbers)),
    ];

    // [heads, queries, keys]
    Numbers Pattern(Numbers queries, Numbers keys)
    {
        var (heads, count) = (config.HeadCount, queries.Length / config.HeadCount / config.HeadSize);
        var pattern = new double[heads * count * count];
        for (var head = 0; head < heads; head++)
            for (var query = 0; query < count; query++)
            {
                var scores = new double[query + 1];
                for (var key = 0; key <= query; key++)
                    scores[key] = Head(queries, query, head).Zip(Head(keys, key, head), (a, b) => a * b).Sum()
                        / Math.Sqrt(config.HeadSize);
                Numbers weight = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
                for (var key = 0; key <= query; key++)
                    pattern[(head * count + query) * count + key] = weight[key] / weight.Sum();
            }

        return pattern;
    }

    Numbers Mix(Numbers pattern, Numbers values)
    {
        var (heads, size) = (config.HeadCount, config.HeadSize);
        var count = values.Length / heads / size;
        var mix = new double[values.Length];
        for (var query = 0; query < count; query++)
            for (var head = 0; head < heads; head++)
                for (var key = 0; key < count; key++)
                    for (var i = 0; i < size; i++)
                        mix[(query * heads + head) * size + i] +=
                            pattern[(head * count + query) * count + key] * Head(values, key, head)[i];
        return mix;
    }

    ArraySegment<double> Head(Numbers rows, int position, int head) =>
        new(rows, (position * config.HeadCount + head) * config.HeadSize, config.HeadSize);

    float[] Weight(Tensor tensor)
    {
        if (weights.TryGetValue(tensor, out var known))
            return known;
        int[] rows = tensor.Shape.Rank == 1 ? [0] : [.. Enumerable.Range(0, tensor.Shape[0])];
        return weights[tensor] = model.Rows(tensor, rows);
    }
}
