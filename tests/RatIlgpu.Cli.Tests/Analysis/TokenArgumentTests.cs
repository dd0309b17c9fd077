namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class TokenArgumentTests
{
    [Theory]
    [InlineData(" Mary")]
    [InlineData("#514")]
    public void A_token_is_text_or_a_number(string answer)
    {
        var run = Attribute(answer);
        Assert.Contains("Metric     logit of \" Mary\" (#514) at position 1: ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "#1350", "--answer is #1350, expected #0 to #1349, the model's vocabulary.")]
    [InlineData("#99999999999", "--answer is #99999999999, expected #0 to #1349, the model's vocabulary.")]
    [InlineData(
        " Mary Mary",
        "--answer is 2 tokens, expected one: \" Mary\" (#514) \" Mary\" (#514); give one of them, as text or as #id.")]
    public void What_is_not_one_token_is_refused_with_a_cure(string answer, string message) =>
        Attribute(answer).Refuses(message);

    [Fact]
    public void An_empty_token_is_a_mistake_of_the_command_line() => Attribute("").IsMisused(
        "--answer is empty, expected text that is one token, or #id.", " attribute");

    [Fact]
    public void A_word_that_is_one_token_inside_a_text_is_told_to_have_its_space()
    {
        var run = Attribute("laughed");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("ratilgpu: --answer is ", run.Error, StringComparison.Ordinal);
        Assert.Contains("; \" laughed\" is one.\n", run.Error, StringComparison.Ordinal);
    }

    static CommandRun Attribute(string answer) => CommandRun.Of("attribute", "Mary and", "--answer", answer);
}
