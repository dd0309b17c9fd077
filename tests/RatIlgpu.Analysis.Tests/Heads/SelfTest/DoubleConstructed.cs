namespace RatIlgpu.Analysis.Tests;

/// <summary>Runs a constructed model by the definition, in double and one number at a time, with the numbers that its
/// weights have before they are rounded to F32.</summary>
sealed class DoubleConstructed
{
    readonly ConstructedModel model;
    readonly Dictionary<HeadIndex, double[][]> patterns = [];

    /// <summary>Runs a prompt.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The prompt.</param>
    /// <param name="zeroed">The head that writes nothing; null for none.</param>
    public DoubleConstructed(ConstructedModel model, IReadOnlyList<int> ids, HeadIndex? zeroed = null)
    {
        this.model = model;
        var stream = ids.Select(id => Enumerable.Range(0, model.Shape.Width)
            .Select(place => place == ConstructedShape.Token(id) ? 1.0 : 0).ToArray()).ToArray();
        for (var layer = 0; layer < model.Config.LayerCount; layer++)
        {
            double[][] normed = [.. stream.Select(Normed)];
            for (var head = 0; head < ConstructedShape.HeadCount; head++)
                Attend(stream, normed, new(layer, head), zeroed);
        }

        Logits =
        [
            .. stream.Select(Normed).Select(row => Enumerable.Range(0, ConstructedShape.Vocabulary)
                .Select(token => row[ConstructedShape.Out(token)]).ToArray()),
        ];
    }

    /// <summary>Gets the logits of an untied model, <c>[positions][vocabulary]</c>.</summary>
    public double[][] Logits { get; }

    /// <summary>Returns the pattern of a head.</summary>
    public double[][] Pattern(HeadIndex head) => patterns[head];

    void Attend(double[][] stream, double[][] normed, HeadIndex of, HeadIndex? zeroed)
    {
        var (layer, head, group) = (of.Layer, of.Head, of.Head / ConstructedShape.GroupSize);
        var queries = Project(
            normed, (row, place) => model.Query(layer, head, row, place), row => model.QueryBias(layer, head, row));
        var keys = Project(
            normed, (row, place) => model.Key(layer, group, row, place), row => model.KeyBias(layer, group, row));
        var values = Project(
            normed, (row, place) => model.Value(layer, group, row, place), row => model.ValueBias(layer, group, row));
        (queries, keys) = (Turned(queries), Turned(keys));
        var pattern = patterns[of] = [.. queries.Select((query, i) => Softmax(
            [.. keys[..(i + 1)].Select(key => Dot(query, key) / Math.Sqrt(model.Shape.HeadSize))]))];
        if (of == zeroed)
            return;
        double[][] outputs =
        [
            .. Enumerable.Range(0, model.Shape.Width).Select(place =>
                Coordinates().Select(row => model.Output(layer, head, place, row)).ToArray()),
        ];
        foreach (var (position, row) in stream.Index())
        {
            double[] mixed =
            [
                .. Coordinates().Select(one =>
                    pattern[position].Select((share, key) => share * values[key][one]).Sum()),
            ];
            for (var place = 0; place < row.Length; place++)
                row[place] += Dot(outputs[place], mixed);
        }
    }

    double[][] Project(double[][] normed, Func<int, int, double> weight, Func<int, double> bias)
    {
        var rows = Coordinates().Select(row => (
            Weights: Enumerable.Range(0, model.Shape.Width).Select(place => weight(row, place)).ToArray(),
            Bias: bias(row))).ToArray();
        return [.. normed.Select(x => rows.Select(row => Dot(row.Weights, x) + row.Bias).ToArray())];
    }

    double[][] Turned(double[][] rows)
    {
        var half = model.Shape.HeadSize / 2;
        return
        [
            .. rows.Select((row, position) => Coordinates().Select(one =>
            {
                var (sine, cosine) = Math.SinCos(position * model.Shape.Frequency(one % half));
                return one < half
                    ? (row[one] * cosine) - (row[one + half] * sine)
                    : (row[one] * cosine) + (row[one - half] * sine);
            }).ToArray()),
        ];
    }

    IEnumerable<int> Coordinates() => Enumerable.Range(0, model.Shape.HeadSize);

    double[] Normed(double[] row)
    {
        var scale = Math.Sqrt((Dot(row, row) / row.Length) + ConstructedShape.Epsilon);
        return [.. row.Select(number => number / scale)];
    }

    static double Dot(double[] one, double[] other) => one.Zip(other, (a, b) => a * b).Sum();

    static double[] Softmax(double[] scores)
    {
        var largest = scores.Max();
        double[] shares = [.. scores.Select(score => Math.Exp(score - largest))];
        var sum = shares.Sum();
        return [.. shares.Select(share => share / sum)];
    }
}
