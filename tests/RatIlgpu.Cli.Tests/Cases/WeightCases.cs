using System.Text.RegularExpressions;

namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Weights as training, merging and conversion leave them.</summary>
public sealed partial class WeightCases
{
    const string Prompt = "The cat sat on the mat";

    // The weights of these folders are those of the base, under other names, in other files or beside another config.
    [Theory]
    [Tries("One file, or shards with an index")]
    [Tries("Tensor names")]
    [Tries("Tied embeddings")]
    [Tries("`quantization_config` over plain weights")]
    [InlineData("index-lists-tied-head")]
    [InlineData("names-with-wrapper-prefix")]
    [InlineData("names-without-model-prefix")]
    [InlineData("stale-quantization-config")]
    [InlineData("tied-embedding-under-alias")]
    [InlineData("head-missing-not-tied")]
    public void A_folder_with_the_weights_of_the_base_has_its_paths(string name)
    {
        using var model = new CaseFolder(name);
        using var same = new CaseFolder();
        Assert.Equal(Paths(same), Paths(model));
    }

    [Theory]
    [Tries("No unembedding")]
    [InlineData("lens")]
    [InlineData("attribute")]
    public void A_head_that_is_missing_is_refused_where_logits_are_read(string command)
    {
        using var model = new CaseFolder("head-missing-not-tied");
        Refuses(model.Run(command, Prompt), "lm_head.weight", "tie_word_embeddings");
    }

    [Fact]
    [Tries("An unembedding beside `tie_word_embeddings`")]
    public void A_head_of_its_own_is_used_and_said()
    {
        using var model = new CaseFolder("tied-but-own-head");
        using var untied = new CaseFolder("tied-but-own-head")
            .With("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
        var run = model.Run("lens", "--predictions", "3", "The cat sat");
        Runs(run);
        Assert.Matches(@"(?m)⟨D9⟩ +1\.1 %", run.Output);
        Assert.Contains("lm_head.weight", run.Error, StringComparison.Ordinal);
        Assert.Equal(untied.Run("lens", "--predictions", "3", "The cat sat").Output, run.Output);
    }

    [Fact]
    [Tries("F32, F16, BF16, F64")]
    public void Double_precision_is_rounded()
    {
        using var model = new CaseFolder("weights-f64");
        var run = model.Run("trace", Prompt);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(0, model.Run("lens", Prompt).ExitCode);
    }

    [Theory]
    [Tries("Weights that are not numbers")]
    [InlineData("trace")]
    [InlineData("attribute")]
    [InlineData("lens")]
    [InlineData("patch", "--activation", "head-output", "--corrupted", "The mat sat")]
    public void Weights_that_are_not_numbers_are_refused_by_every_command(string command, params string[] options)
    {
        using var model = new CaseFolder("weights-not-numbers");
        Refuses(model.Run(command, [.. options, "The cat sat"]), "model.layers.");
    }

    [Theory]
    [Tries("Quantized weights")]
    [InlineData("quantized-mlx", "MLX")]
    public void Quantised_weights_are_refused_by_their_kind(string name, string kind)
    {
        using var model = new CaseFolder(name);
        Refuses(model.Run("trace", Prompt), kind, "quanti");
    }

    [Fact]
    [Tries("LoRA adapters")]
    public void An_adapter_is_refused_with_what_to_merge()
    {
        using var model = new CaseFolder("adapter-folder");
        Refuses(model.Run("trace", Prompt), "adapter", "Qwen/Qwen2.5-0.5B", "merge");
    }

    [Fact]
    [Tries("Git LFS pointers")]
    public void A_pointer_is_refused_with_what_gets_the_file()
    {
        using var model = new CaseFolder("lfs-pointer-weights");
        Refuses(model.Run("trace", Prompt), "Git LFS", "git lfs pull");
    }

    [Fact]
    [Tries("Attention in both directions")]
    public void Attention_in_both_directions_is_refused()
    {
        using var model = new CaseFolder("attention-not-causal");
        Refuses(model.Run("trace", Prompt), "is_causal");
    }

    // Beside its result, a run may tell notices, each in one line.
    static void Runs(CommandRun run)
    {
        Assert.Equal(0, run.ExitCode);
        Assert.All(
            run.Error.Split('\n')[..^1],
            line => Assert.StartsWith("ratilgpu: note: ", line, StringComparison.Ordinal));
    }

    // A refusal is one line, the last.
    static void Refuses(CommandRun run, params string[] words)
    {
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.EndsWith("\n", run.Error, StringComparison.Ordinal);
        var lines = run.Error[..^1].Split('\n');
        Assert.All(
            lines[..^1], line => Assert.StartsWith("ratilgpu: note: ", line, StringComparison.Ordinal));
        foreach (var word in words)
            Assert.Contains(word, lines[^1], StringComparison.Ordinal);
    }

    static string[] Paths(CaseFolder model)
    {
        var run = model.Run("trace", "--predictions", "0", Prompt);
        Runs(run);
        var paths = run.Output.Split('\n').Where(line => Path().IsMatch(line)).ToArray();
        Assert.Equal(5, paths.Length);
        return paths;
    }

    [GeneratedRegex(@"\A +\d+\.  ")]
    private static partial Regex Path();
}
