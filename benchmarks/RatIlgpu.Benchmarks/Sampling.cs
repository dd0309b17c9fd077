using BenchmarkDotNet.Attributes;
using RatIlgpu.Generation;

namespace RatIlgpu.Benchmarks;

/// <summary>The choice of a token from the logits of Qwen2's vocabulary: steep, with forty tokens that stand out, or
/// flat, where most tokens are in the nucleus.</summary>
public class Sampling : Kernel
{
    const int Vocabulary = 151_936;

    float[] logits = [];
    Sampler sampler = null!;

    [Params(false, true)]
    public bool IsFlat { get; set; }

    [Params("greedy", "all", "top-p", "top-k", "top-k and top-p")]
    public string Choice { get; set; } = "";

    public override void Prepare()
    {
        var random = new Random(1);
        logits = [.. Enumerable.Range(0, Vocabulary).Select(_ => (float)Normal(random) * (IsFlat ? 0.5f : 2.5f))];
        for (var i = 0; i < 40 && !IsFlat; i++)
            logits[random.Next(Vocabulary)] = 12 + 2 * (float)Normal(random);
        sampler = new Sampler(Choice switch
        {
            "greedy" => new(),
            "all" => new() { Temperature = 1 },
            "top-p" => new() { Temperature = 0.7, TopP = 0.9 },
            "top-k" => new() { Temperature = 1, TopK = 50 },
            _ => new() { Temperature = 0.7, TopK = 20, TopP = 0.8 },
        });
    }

    [Benchmark]
    public int Next() => sampler.Next(logits);

    static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
