using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class CheckpointPairTests
{
    [Theory]
    [InlineData("num_hidden_layers is 3 in A", "and 2 in B")]
    [InlineData("hidden_size is 40 in A", "and 48 in B")]
    [InlineData("num_attention_heads is 6 in A", "and 4 in B")]
    [InlineData("intermediate_size is 56 in A", "and 64 in B")]
    [InlineData("vocab_size is 97 in A", "and 98 in B")]
    [InlineData("attention_bias is true in A", "and false in B")]
    [InlineData("rope_theta is 10000 in A", "and 20000 in B")]
    public void Different_shapes_and_settings_are_refused_by_the_name_of_the_config(string found, string other)
    {
        var small = TinyQwen2.Small;
        using var pair = new TinyPair(configB: found.Split(' ')[0] switch
        {
            "num_hidden_layers" => small with { LayerCount = 2 },
            "hidden_size" => small with { HiddenSize = 48 },
            "num_attention_heads" => small with { HeadCount = 4 },
            "intermediate_size" => small with { IntermediateSize = 64 },
            "vocab_size" => small with { VocabularySize = 98 },
            "attention_bias" => small with { HasBiases = false },
            _ => small with { RopeTheta = 20000 },
        });
        var fault = Assert.Throws<ArgumentException>(() => pair.Read());
        Assert.StartsWith(found, fault.Message, StringComparison.Ordinal);
        Assert.Contains(other, fault.Message, StringComparison.Ordinal);
        Assert.Contains("expected the same", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"rms_norm_eps\": 0.001", "rms_norm_eps is 1E-06 in A")]
    [InlineData("\"use_sliding_window\": true, \"sliding_window\": 4, \"max_window_layers\": 1",
        "the window of layer 1 is none in A")]
    [InlineData("\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}", "rope_scaling is none in A")]
    public void Settings_that_are_no_sizes_are_compared_too(string fields, string found)
    {
        using var device = new CpuDevice();
        using var one = new ModelVariant();
        using var other = new ModelVariant(fields: fields);
        using var a = one.Load(device);
        using var b = other.Load(device);
        var fault = Assert.Throws<ArgumentException>(() => new CheckpointDiffer(a, b));
        Assert.StartsWith(found, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Different_tokens_are_refused_with_the_first_one()
    {
        using var device = new CpuDevice();
        using var one = new ModelVariant();
        using var other = new ModelVariant();
        var vocabulary = TinyTokenizer.Vocabulary();
        (vocabulary["a"], vocabulary["b"]) = ((int)'b', (int)'a');
        other.Write(vocabulary.ToJsonString(), "vocab.json");
        using var a = one.Load(device);
        using var b = other.Load(device);
        var fault = Assert.Throws<ArgumentException>(() => new CheckpointDiffer(a, b));
        Assert.StartsWith("token 97 is 'a' in A", fault.Message, StringComparison.Ordinal);
        Assert.Contains("and 'b' in B", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_tokens_that_are_merged_in_another_order_are_refused()
    {
        using var device = new CpuDevice();
        using var one = new ModelVariant();
        using var other = new ModelVariant();
        // Without its parts merged, "ab" is two tokens.
        other.Write("#version: 0.2\n", "merges.txt");
        using var a = one.Load(device);
        using var b = other.Load(device);
        var fault = Assert.Throws<ArgumentException>(() => new CheckpointDiffer(a, b));
        Assert.Contains("is 'ab' in A", fault.Message, StringComparison.Ordinal);
        Assert.Contains("and 'a' in B", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_takes_that_of_the_other()
    {
        using var device = new CpuDevice();
        using var one = new ModelVariant();
        using var other = new ModelVariant();
        File.Delete(other.Path("vocab.json"));
        File.Delete(other.Path("merges.txt"));
        using var a = one.Load(device);
        using var b = other.Load(device);
        var diff = new CheckpointDiffer(a, b).Read(new() { Documents = 1 });
        Assert.Contains("that of A is used", diff.Warnings[0], StringComparison.Ordinal);
        // The models are random.
        Assert.Equal(3, diff.Warnings.Length);
        Assert.All(diff.Warnings.Items[1..], warning => Assert.Contains(
            "no better than a guess", warning, StringComparison.Ordinal));
        Assert.Equal("built-in texts", diff.Texts!.Origin);
        Assert.Contains(
            "that of B is used",
            Assert.Single(new CheckpointDiffer(b, a).Read(new() { RunsTexts = false }).Warnings),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Models_without_tokenizers_run_on_random_tokens()
    {
        using var pair = new TinyPair((_, numbers) => numbers[0] += 1);
        var diff = pair.Read(new() { Documents = 2, TextLength = 32 });
        Assert.Equal((64, "random tokens"), (diff.Texts!.PositionCount, diff.Texts.Origin));
        Assert.Contains(diff.Warnings, warning => warning.Contains("random tokens", StringComparison.Ordinal));
    }
}
