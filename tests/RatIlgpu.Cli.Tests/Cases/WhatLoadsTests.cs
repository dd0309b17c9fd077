using System.Reflection;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Holds each row of the table in the README, section "Your own model", to a test.</summary>
public sealed class WhatLoadsTests
{
    const string Prompt = "The cat sat on the mat";

    [Fact]
    public void Every_row_of_the_table_is_tried_and_nothing_else()
    {
        var rows = File.ReadLines(Repository.Path("README.md"))
            .SkipWhile(line => !line.StartsWith("| in the folder ", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Split('|')[1].Trim()).ToList();
        Assert.NotEmpty(rows);
        var tried =
            from type in typeof(WhatLoadsTests).Assembly.GetTypes()
            from method in type.GetMethods()
            where method.GetCustomAttribute<FactAttribute>() is not null
            from mark in method.GetCustomAttributes<TriesAttribute>()
            select mark.Row;
        Assert.Equal(rows.Order(), tried.Distinct().Order());
    }

    [Theory]
    [Tries("No tokenizer")]
    [InlineData("attribute", "--answer", "#7", "--foil", "#8")]
    [InlineData("lens")]
    [InlineData("patch", "--corrupted-ids", "5,9,7", "--activation", "head-output", "--answer", "#7", "--foil", "#8")]
    [InlineData("trace")]
    public void A_folder_without_a_tokenizer_takes_ids(string command, params string[] more)
    {
        using var model = new CaseFolder().Without("tokenizer.json").Without("tokenizer_config.json");
        var run = model.Run(command, ["--ids", "5,6,7", .. more]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(" 3: #5 #6 #7\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            $"ratilgpu: note: {model.Root}: there is no tokenizer, so prompts are token ids, and tokens are shown by "
            + "their ids.\n", run.Error);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_takes_no_text()
    {
        using var model = new CaseFolder().Without("tokenizer.json").Without("tokenizer_config.json");
        var run = model.Run("trace", Prompt);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "Without a tokenizer, prompts and tokens are given by their ids.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [Tries("Qwen2, Qwen2.5")]
    [Tries("Qwen3, dense")]
    [Tries("Llama, Mistral")]
    [InlineData("tiny-gqa-tied-f32")]
    [InlineData("tiny-window-f16")]
    [InlineData("tiny-mha-untied-bf16-sharded")]
    [InlineData("tiny-qwen3-f32")]
    [InlineData("tiny-llama3-bf16")]
    [InlineData("tiny-mistral-f16")]
    public void Each_family_computes_what_its_reference_says(string golden)
    {
        var run = CommandRun.Of("verify", Repository.Path("tests", "golden", golden));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Theory]
    [Tries("Another architecture, a classifier")]
    [InlineData("\"model_type\": \"qwen2\"", "\"model_type\": \"qwen2_moe\"", "model_type is 'qwen2_moe'")]
    [InlineData("\"model_type\": \"qwen2\"", "\"model_type\": \"gemma\"", "model_type is 'gemma'")]
    [InlineData("Qwen2ForCausalLM", "Qwen2ForSequenceClassification", "is 'Qwen2ForSequenceClassification'")]
    public void Another_model_is_refused_by_its_name(string old, string now, string fault)
    {
        using var model = new CaseFolder().With("config.json", old, now);
        var run = model.Run("trace", Prompt);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(fault, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [Tries("GGUF, or PyTorch's own format")]
    [InlineData("model-q4_k_m.gguf", "GGUF")]
    [InlineData("pytorch_model.bin", "PyTorch")]
    public void Weights_in_another_format_are_refused_by_it(string file, string format)
    {
        using var model = new CaseFolder().Without("model.safetensors").With(file, "weights");
        var run = model.Run("trace", Prompt);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(format, run.Error, StringComparison.Ordinal);
        Assert.Contains("expected safetensors", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Tries("A training run's folder")]
    public void The_folder_of_a_training_run_is_refused_with_its_newest_checkpoint()
    {
        using var model = new CaseFolder();
        using var run = new TemporaryFolder();
        foreach (var step in (string[])["checkpoint-90", "checkpoint-500"])
            foreach (var file in Directory.GetFiles(model.Root))
                run.Write(File.ReadAllBytes(file), step, Path.GetFileName(file));
        var refused = CommandRun.Of("trace", "--model", run.Root, Prompt);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains(run.Path("checkpoint-500"), refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Tries("`vocab.json` with `merges.txt`")]
    public void The_older_files_of_a_tokenizer_are_read()
    {
        using var folder = new TemporaryFolder();
        folder.Copy(DemoModel.Folder, "vocab.json", "merges.txt");
        var run = CommandRun.Of("tokenize", "--model", folder.Root, Prompt);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(CommandRun.Of("tokenize", Prompt).Output, run.Output);
    }
}
