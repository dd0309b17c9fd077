using System.Text.Json;
using RatIlgpu.Cli.Tests.Cases;
using RatIlgpu.Text;

namespace RatIlgpu.Cli.Tests;

public sealed class TokenLabelTests
{
    static readonly string Long = new('b', 3000);

    [Theory]
    [InlineData(" to", "\" to\"")]
    [InlineData("0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789")]
    [InlineData("01234567890123456789012345678901234567890", "0123456789012345678901234567890123456789…")]
    [InlineData("012345678901234567890123456789012345678😀 b", "012345678901234567890123456789012345678…")]
    public void A_long_token_ends_with_an_ellipsis(string text, string shown) =>
        Assert.Equal(shown, TokenLabel.Of(new TokenText(1, text, [])));

    [Fact]
    public void So_does_one_of_many_bytes()
    {
        Assert.Equal("⟨E2 80⟩", TokenLabel.Of(new(1, "\uFFFD", [0xE2, 0x80])));
        var many = Enumerable.Repeat((byte)0x80, 50).ToArray();
        Assert.Equal(
            new string('\uFFFD', 40) + "…", TokenLabel.Of(new(1, new string('\uFFFD', 50), [.. many])));
    }

    [Theory]
    [InlineData("explain", "--head", "L1H0", "--key", "0,1", "--split-heads")]
    [InlineData("trace")]
    [InlineData("trace", "--heads", "0", "--explain")]
    [InlineData("trace", "--through")]
    [InlineData("attribute", "--unit", "head-by-source")]
    [InlineData("lens", "--answer", "#279")]
    [InlineData("attribute", "--answer", "#279")]
    [InlineData("explain", "--head", "L1H0", "--key", "0", "--verify", "--answer", "#279")]
    [InlineData("patch", "--activation", "mlp-output", "--corrupted-ids", "5,278,7", "--answer", "#279")]
    [InlineData("predict", "--heads", "L0H0")]
    public void No_line_of_a_report_but_that_of_the_prompt_is_as_wide_as_a_long_token(params string[] call)
    {
        using var model = new CaseFolder();
        foreach (var file in (string[])["tokenizer.json", "tokenizer_config.json"])
            model.With(file, "<|im_start|>", Long);
        var json = Path.Combine(model.Root, "found.json");
        var run = CommandRun.Of([.. call, "--model", model.Root, "--ids", "5,279,7", "--json", json]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] ofPrompts = ["Tokens", "Clean", "Corrupted"];
        var lines = run.Output.Split('\n')
            .Where(line => !ofPrompts.Any(name => line.StartsWith(name, StringComparison.Ordinal))).ToList();
        Assert.Contains(lines, line => line.Contains($"{Long[..40]}…", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 250));
        // The file has the whole token.
        using var read = JsonDocument.Parse(File.ReadAllText(json));
        Assert.Contains(Long, read.RootElement.GetRawText(), StringComparison.Ordinal);
    }
}
