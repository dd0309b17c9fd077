using BenchmarkDotNet.Attributes;
using RatIlgpu.Text;

namespace RatIlgpu.Benchmarks;

/// <summary>A word of random letters to tokens.</summary>
/// <remarks><c>RATILGPU_QWEN2_TOKENIZER</c> names a folder with the vocabulary; the default is that of the
/// demonstration model.</remarks>
public class LongWord : Kernel
{
    string word = "";
    Tokenizer package = null!, ours = null!, loaded = null!;

    [Params(1_000, 4_000, 16_000, 1_000_000)]
    public int Letters { get; set; }

    public override void Prepare()
    {
        var folder = Environment.GetEnvironmentVariable("RATILGPU_QWEN2_TOKENIZER") ?? "samples/demo-model";
        var random = new Random(1);
        word = string.Concat(Enumerable.Range(0, Letters).Select(_ => (char)('a' + random.Next(26))));
        package = TokenizerFolder.Load(folder, longestForPackage: int.MaxValue);
        ours = TokenizerFolder.Load(folder, longestForPackage: 0);
        loaded = Tokenizer.Load(folder);
    }

    // A megabyte would take the package minutes.
    [Benchmark(Baseline = true)]
    public int Package() => package.Encode(word[..Math.Min(Letters, 16_000)]).Ids.Length;

    [Benchmark]
    public int Ours() => ours.Encode(word).Ids.Length;

    [Benchmark]
    public int Loaded() => loaded.Encode(word).Ids.Length;
}
