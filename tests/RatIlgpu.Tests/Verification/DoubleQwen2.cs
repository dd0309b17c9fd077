using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Verification;

/// <summary>Computes a model in double, one number at a time, and makes a golden folder of its run.</summary>
/// <param name="config">The sizes; neither windows nor scaled positions.</param>
/// <param name="checkpoint">The weights, F32.</param>
sealed class DoubleQwen2(Qwen2Config config, Checkpoint checkpoint)
{
    readonly Dictionary<string, Shape> shapes =
        Qwen2Layout.Tensors(config).ToDictionary(one => one.Name, one => one.Shape);

    readonly Dictionary<string, double[]> read = [];

    /// <summary>Writes a checkpoint with random weights, and the activations of a prompt, without padding or
    /// traces.</summary>
    public static void Write(TemporaryFolder folder, Qwen2Config config, int length)
    {
        using var tiny = new TinyQwen2(config, format: DataType.F32);
        folder.Copy(tiny.Folder);
        File.WriteAllText(folder.Path("config.json"), TinyQwen2.Json(config));
        var ids = tiny.Prompt(length);
        File.WriteAllText(folder.Path("golden.json"), $$"""
            {"input_ids": [{{string.Join(", ", ids)}}], "attention_mask": [{{string.Join(", ", ids.Select(_ => 1))}}],
             "traces": []}
            """);
        using var checkpoint = Checkpoint.Open(folder.Root);
        var run = new DoubleQwen2(config, checkpoint).Run(ids).ToArray();
        SafetensorsWriter.Write(folder.Path("golden.safetensors"),
            from name in (string[])["plain", "masked"]
            from one in run
            select SafetensorsTensor.Of($"{name}.{one.Name}", DataType.F64, one.Shape, one.Numbers));
    }

    IEnumerable<(string Name, Shape Shape, double[] Numbers)> Run(int[] ids)
    {
        var table = Matrix("model.embed_tokens.weight");
        double[][] x = [.. ids.Select(id => table[id])];
        var (length, heads) = (ids.Length, config.HeadCount);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var n = Norm(x, Name("input_layernorm.weight"));
            var (q, k, v) = (Turned(n, Name("self_attn.q")), Turned(n, Name("self_attn.k")),
                Linear(n, Name("self_attn.v_proj")));
            var pattern = Enumerable.Range(0, heads).Select(head => Pattern(q, k, head)).ToArray();
            yield return ($"pattern.{layer}", new(heads, length, length), Flat(pattern.SelectMany(rows => rows)));
            double[][] z = [.. Enumerable.Range(0, length)
                .Select(i => Flat(pattern.Select((rows, head) => Mixed(rows[i], v, head))))];
            x = Sum(x, Linear(z, Name("self_attn.o_proj")));
            n = Norm(x, Name("post_attention_layernorm.weight"));
            var (gate, up) = (Linear(n, Name("mlp.gate_proj")), Linear(n, Name("mlp.up_proj")));
            double[][] inner = [.. gate.Zip(up, (a, b) => a.Zip(b, (g, u) => g / (1 + Math.Exp(-g)) * u).ToArray())];
            x = Sum(x, Linear(inner, Name("mlp.down_proj")));
            yield return ($"resid_post.{layer}", new(length, config.HiddenSize), Flat(x));

            string Name(string part) => Qwen2Layout.NameOf(layer, part);
        }

        var last = Norm(x, "model.norm.weight");
        yield return ("logits", new(length, config.VocabularySize), Flat(last.Select(row => Product(row, table))));
    }

    double[][] Pattern(double[][] q, double[][] k, int head) => [.. q.Select((query, i) =>
    {
        var scores = k.Take(i + 1).Select(key =>
            Head(query, head).Zip(Head(key, head / config.GroupSize), (a, b) => a * b).Sum()
                / Math.Sqrt(config.HeadSize)).ToArray();
        var largest = scores.Max();
        var powers = scores.Select(score => Math.Exp(score - largest)).ToArray();
        var sum = powers.Sum();
        return (double[])[.. powers.Select(power => power / sum), .. new double[k.Length - i - 1]];
    })];

    double[] Mixed(double[] row, double[][] v, int head) => row.Zip(v, (share, value) =>
        Head(value, head / config.GroupSize).Select(number => share * number).ToArray())
        .Aggregate((a, b) => [.. a.Zip(b, (one, other) => one + other)]);

    double[][] Turned(double[][] n, string name) => [.. Linear(n, $"{name}_proj").Select((row, position) =>
        Flat(NormOrNot([.. row.Chunk(config.HeadSize)], $"{name}_norm.weight")
            .Select(head => Turned(head, position))))];

    double[] Turned(double[] head, int position)
    {
        var (turned, half) = (new double[head.Length], head.Length / 2);
        for (var m = 0; m < half; m++)
        {
            var (sine, cosine) = Math.SinCos(position / Math.Pow(config.RopeTheta, (double)m / half));
            turned[m] = head[m] * cosine - head[m + half] * sine;
            turned[m + half] = head[m + half] * cosine + head[m] * sine;
        }

        return turned;
    }

    IEnumerable<double> Head(double[] row, int head) => row.Skip(head * config.HeadSize).Take(config.HeadSize);

    double[][] Norm(double[][] x, string gain) => [.. x.Select(row =>
    {
        var size = Math.Sqrt(row.Average(number => number * number) + config.RmsNormEpsilon);
        return row.Zip(Numbers(gain), (number, factor) => number / size * factor).ToArray();
    })];

    double[][] NormOrNot(double[][] x, string gain) => shapes.ContainsKey(gain) ? Norm(x, gain) : x;

    double[][] Linear(double[][] x, string name)
    {
        var weight = Matrix($"{name}.weight");
        var bias = shapes.ContainsKey($"{name}.bias") ? Numbers($"{name}.bias") : null;
        return [.. x.Select(row => bias is null ? Product(row, weight) : Sum([Product(row, weight)], [bias])[0])];
    }

    double[][] Matrix(string name) => [.. Numbers(name).Chunk(shapes[name][1])];

    double[] Numbers(string name)
    {
        if (!read.TryGetValue(name, out var numbers))
            read[name] = numbers = Array.ConvertAll(
                checkpoint.Tensor(name, shapes[name]).Floats.ToArray(), number => (double)number);
        return numbers;
    }

    static double[] Product(double[] row, double[][] matrix) =>
        [.. matrix.Select(column => row.Zip(column, (a, b) => a * b).Sum())];

    static double[][] Sum(double[][] x, double[][] y) =>
        [.. x.Zip(y, (a, b) => a.Zip(b, (one, other) => one + other).ToArray())];

    static double[] Flat(IEnumerable<IEnumerable<double>> rows) => [.. rows.SelectMany(row => row)];
}
