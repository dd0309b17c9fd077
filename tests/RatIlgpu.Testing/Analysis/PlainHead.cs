using RatIlgpu.Analysis;
using RatIlgpu.Models;

namespace RatIlgpu.Testing;

/// <summary>The attention of a head by its definition: in double, with the vectors that the head writes, from the
/// rotated queries and keys and the values of a recorded run.</summary>
/// <param name="model">The model.</param>
/// <param name="run">The run, with these recorded.</param>
/// <param name="head">The head.</param>
sealed class PlainHead(Qwen2Model model, Recording run, HeadIndex head)
{
    readonly int own = head.Head, shared = head.Head / model.Config.GroupSize;

    int Tokens => run.TokenIds.Length;

    /// <summary>Returns the score of a query and a key.</summary>
    public double Score(int query, int key) => Row(Activation.RotatedQuery, query, own)
        .Zip(Row(Activation.RotatedKey, key, shared), (q, k) => q * k).Sum() / Math.Sqrt(model.Config.HeadSize);

    /// <summary>Returns the row of a query, <c>[tokens]</c>; zeros of padding.</summary>
    public double[] Pattern(int query)
    {
        var row = new double[Tokens];
        int[] seen = [.. Enumerable.Range(0, query + 1).Where(key =>
            !IsPadding(key) && query - key < model.Config.WindowOf(head.Layer))];
        if (IsPadding(query))
            return row;
        var largest = seen.Max(key => Score(query, key));
        foreach (var key in seen)
            row[key] = Math.Exp(Score(query, key) - largest);
        var sum = row.Sum();
        return [.. row.Select(number => number / sum)];
    }

    /// <summary>Returns the value factors, <c>[tokens]</c>.</summary>
    public double[] ValueFactors() => Factors(value => value);

    /// <summary>Returns the info factors, <c>[tokens]</c>: of the vectors <c>v W_O</c> themselves.</summary>
    public double[] InfoFactors() => Factors(Writes());

    /// <summary>Returns what the head writes for each token alone, <c>[tokens][width]</c>.</summary>
    public double[][] Written()
    {
        var write = Writes();
        return [.. Enumerable.Range(0, Tokens).Select(token => write(Row(Activation.Value, token, shared)))];
    }

    Func<double[], double[]> Writes()
    {
        var weight = model.Weights.Layers[head.Layer].Output;
        var (outputs, inputs) = (weight.Shape[0], weight.Shape[1]);
        var numbers = model.Rows(weight, [.. Enumerable.Range(0, outputs)]);
        return value =>
        [
            .. Enumerable.Range(0, outputs).Select(output =>
                value.Select((number, i) => number * numbers[output * inputs + own * value.Length + i]).Sum()),
        ];
    }

    double[] Factors(Func<double[], double[]> read)
    {
        double[] lengths =
        [
            .. Enumerable.Range(0, Tokens).Select(token => IsPadding(token)
                ? 0
                : Math.Sqrt(read(Row(Activation.Value, token, shared)).Sum(number => number * number))),
        ];
        return [.. lengths.Select(length => length / lengths.Max())];
    }

    bool IsPadding(int token) => run.AttentionMask?[token] == 0;

    double[] Row(Activation activation, int position, int place) =>
        [.. run[new(activation, head.Layer)].Row(position, place).ToArray().Select(number => (double)number)];
}
