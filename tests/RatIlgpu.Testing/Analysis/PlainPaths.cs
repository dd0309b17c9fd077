using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>Direct paths by their definition: the change computed in double from weights and recordings, and a whole
/// run of the corrupted prompt for every path.</summary>
/// <param name="model">The model.</param>
/// <param name="pair">The prompts.</param>
sealed class PlainPaths(Qwen2Model model, PromptPair pair)
{
    readonly Recording clean = Record(model, pair.Clean);
    readonly Recording corrupted = Record(model, pair.Corrupted);
    readonly Dictionary<Tensor, double[][]> weights = [];

    /// <summary>Returns the metric with one path patched.</summary>
    /// <param name="source">The source.</param>
    /// <param name="cell">The destination; a key/value head in the scope of groups.</param>
    /// <param name="input">The input of the destination.</param>
    /// <param name="metric">The number to measure.</param>
    /// <param name="options">The options.</param>
    public double Measure(
        HeadIndex source, PatchCell cell, HeadInput input, LogitMetric metric, DirectPathOptions options)
    {
        var destination = new HeadIndex(cell.Layer, cell.Head!.Value);
        var deltas = Asked(options).ToDictionary(
            position => position,
            position => Project(Stream(source, position), position, destination, input, options));
        return metric.Measure(model, pair.Corrupted.AsSpan(), [Add(deltas, destination, input, options.Scope)]);
    }

    /// <summary>Makes the intervention that adds a change to what a head reads.</summary>
    /// <param name="deltas">The change at each position.</param>
    /// <param name="destination">The head.</param>
    /// <param name="input">The input of the head.</param>
    /// <param name="scope">The query heads that see a changed key or value.</param>
    /// <param name="factor">The factor of the change.</param>
    public Intervention Add(
        IReadOnlyDictionary<int, double[]> deltas,
        HeadIndex destination,
        HeadInput input,
        KeyValueScope scope,
        double factor = 1)
    {
        if (input == HeadInput.Key && scope == KeyValueScope.QueryHead && model.Config.NormsHeads)
            return MakeKeys(deltas, destination, factor);
        var activation = Enum.Parse<Activation>($"{input}");
        var target = InterventionTarget.At(model, activation, destination.Layer, [destination.Head], null, scope);
        return Intervention.Edit(target, (position, _, row) =>
        {
            if (deltas.TryGetValue(position, out var delta))
                for (var i = 0; i < row.Length; i++)
                    row[i] = (float)(row[i] + factor * delta[i]);
        });
    }

    // The key of the corrupted run with the change, normed and rotated.
    Intervention MakeKeys(IReadOnlyDictionary<int, double[]> deltas, HeadIndex destination, double factor)
    {
        var target = InterventionTarget.At(
            model, Activation.RotatedKey, destination.Layer, [destination.Head], null, KeyValueScope.QueryHead);
        var site = new Site(Activation.Key, destination.Layer);
        var gain = Weights(model.Weights.Layers[destination.Layer].KeyGain!)[0];
        var rotary = new RotaryEmbedding(model.Config);
        return Intervention.Edit(target, (position, head, row) =>
        {
            if (!deltas.TryGetValue(position, out var delta))
                return;
            var key = corrupted[site].Row(position, head / model.Config.GroupSize).ToArray();
            double[] moved = [.. key.Zip(delta, (number, more) => number + factor * more)];
            var scale = Scale(moved);
            double[] normed = [.. moved.Zip(gain, (number, by) => number * by / scale)];
            var (angles, half) = (new float[row.Length], row.Length / 2);
            rotary.Fill(position, 1, angles);
            for (var i = 0; i < half; i++)
            {
                row[i] = (float)(normed[i] * angles[i] - normed[half + i] * angles[half + i]);
                row[half + i] = (float)(normed[half + i] * angles[i] + normed[i] * angles[half + i]);
            }
        });
    }

    /// <summary>Returns by how much more a head writes in the clean run: <c>Wo(z clean − z corrupted)</c>.</summary>
    public double[] Stream(HeadIndex source, int position)
    {
        var site = new Site(Activation.HeadOutput, source.Layer);
        var a = clean[site].Row(position, source.Head);
        var b = corrupted[site].Row(position, source.Head);
        var output = Weights(model.Weights.Layers[source.Layer].Output);
        var result = new double[output.Length];
        for (var i = 0; i < a.Length; i++)
            for (var to = 0; to < result.Length; to++)
                result[to] += output[to][source.Head * a.Length + i] * ((double)a[i] - b[i]);
        return result;
    }

    /// <summary>Returns by how much more an activation without heads is in the clean run.</summary>
    public double[] Difference(Site site, int position)
    {
        var (a, b) = (clean[site].Row(position).ToArray(), corrupted[site].Row(position).ToArray());
        return [.. a.Zip(b, (one, other) => (double)one - other)];
    }

    /// <summary>Returns the change of a head's input that follows from a change of the stream: through the norm and the
    /// head's rows of the projection.</summary>
    public double[] Project(
        double[] change, int position, HeadIndex destination, HeadInput input, DirectPathOptions options)
    {
        var layer = model.Weights.Layers[destination.Layer];
        var x = corrupted[new(Activation.ResidualBefore, destination.Layer)].Row(position).ToArray();
        double[] moved = [.. x.Zip(change, (one, more) => one + more)];
        var before = Scale([.. x.Select(number => (double)number)]);
        var after = options.Norm == NormTreatment.FrozenScale ? before : Scale(moved);
        var gain = Weights(layer.AttentionGain)[0];
        double[] normed = [.. x.Select((number, i) => gain[i] * (moved[i] / after - number / before))];
        var projection = Weights(input switch
        {
            HeadInput.Query => layer.Query,
            HeadInput.Key => layer.Key,
            _ => layer.Value,
        });
        var (size, isShared) = (model.Config.HeadSize, options.Scope == KeyValueScope.KeyValueGroup);
        var head = input == HeadInput.Query || isShared
            ? destination.Head
            : destination.Head / model.Config.GroupSize;
        return
        [
            .. Enumerable.Range(head * size, size).Select(row => projection[row].Zip(normed, (a, b) => a * b).Sum()),
        ];
    }

    IEnumerable<int> Asked(DirectPathOptions options) =>
        options.Positions?.Select(position => position.GetOffset(pair.Length)) ?? Enumerable.Range(0, pair.Length);

    double Scale(double[] x) =>
        Math.Sqrt(x.Sum(number => number * number) / x.Length + model.Config.RmsNormEpsilon);

    double[][] Weights(Tensor weight)
    {
        if (weights.TryGetValue(weight, out var known))
            return known;
        var count = weight.Shape.Rank == 1 ? 1 : weight.Shape[0];
        var numbers = model.Rows(weight, [.. Enumerable.Range(0, count)]);
        var widened = numbers.Select(number => (double)number);
        double[][] rows = [.. widened.Chunk(numbers.Length / count)];
        weights.Add(weight, rows);
        return rows;
    }

    static Recording Record(Qwen2Model model, ImmutableArray<int> ids) => new Recorder(model).Record(
        ids.AsSpan(),
        [
            new(Activation.HeadOutput), new(Activation.ResidualBefore), new(Activation.Embedding),
            new(Activation.MlpOutput), new(Activation.AttentionOutput), new(Activation.Key),
        ]);
}
