namespace RatIlgpu.Html.Tests.Attention;

public sealed class FromPatternsTests
{
    static readonly float[,] One = { { 1, 0 }, { 0.25f, 0.75f } };

    static readonly float[,,] Two = { { { 1, 0 }, { 0.25f, 0.75f } }, { { 0.5f, 0.5f }, { 0, 1 } } };

    [Fact]
    public void One_head_over_one_prompt()
    {
        var html = AttentionPage.FromPatterns(["a", " b"], One).Html;
        Assert.Equal([[65_535], [16_384, 49_151]], AttentionData.Rows(html, 0, 0));
        using var data = PageData.Of(html);
        Assert.Equal("Head 1", data.RootElement.GetProperty("heads")[0].GetProperty("name").GetString());
        Assert.Equal("a b", data.RootElement.GetProperty("prompts")[0].GetProperty("label").GetString());
        Assert.False(data.RootElement.GetProperty("prompts")[0].TryGetProperty("ids", out _));
    }

    [Fact]
    public void Several_heads_over_one_prompt_that_look_both_ways()
    {
        var html = AttentionPage.FromPatterns(["a", " b"], Two, ["first", "second"]).Html;
        Assert.Equal([[65_535, 0], [16_384, 49_151]], AttentionData.Rows(html, 0, 0));
        Assert.Equal([[32_768, 32_768], [0, 65_535]], AttentionData.Rows(html, 0, 1));
        Assert.Contains("\"causal\":false", html, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"second\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Patterns_are_figures_too()
    {
        var one = AttentionPage.ToSvg(["a", " b"], One, ["the head"], options: new() { Title = "T" });
        Assert.Contains(">T: the head</text>", one, StringComparison.Ordinal);
        Assert.Contains(">·b 1</text>", one, StringComparison.Ordinal);
        var several = AttentionPage.ToSvg(["a", " b"], Two);
        Assert.Contains(">Head 1</text>", several, StringComparison.Ordinal);
        Assert.Contains(">Head 2</text>", several, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() =>
            AttentionPage.ToSvg(["a", " b"], One, options: new() { Weights = AttentionWeights.Value }));
    }

    [Fact]
    public void One_head_over_several_prompts_of_different_lengths()
    {
        string[][] prompts = [["a", "b"], ["c"]];
        var html = AttentionPage.FromPatterns(prompts, Two).Html;
        Assert.Equal([[65_535], [16_384, 49_151]], AttentionData.Rows(html, 0, 0));
        Assert.Equal([[32_768]], AttentionData.Rows(html, 1, 0));
    }

    [Fact]
    public void Several_heads_over_several_prompts()
    {
        var patterns = new float[2, 3, 2, 2];
        patterns[1, 2, 1, 0] = 1;
        string[][] prompts = [["a", "b"], ["c", "d"]];
        var html = AttentionPage.FromPatterns(prompts, patterns).Html;
        Assert.Equal([[0], [65_535, 0]], AttentionData.Rows(html, 1, 2));
        Assert.Equal([[0], [0, 0]], AttentionData.Rows(html, 1, 1));
    }

    [Fact]
    public void What_is_given_is_not_changed()
    {
        var patterns = (float[,,])Two.Clone();
        AttentionPage.FromPatterns(["a", "b"], patterns);
        Assert.Equal(Two, patterns);
    }

    [Fact]
    public void A_pattern_can_be_said_to_look_both_ways() => Assert.Equal(
        [[65_535, 0], [16_384, 49_151]],
        AttentionData.Rows(AttentionPage.FromPatterns(["a", "b"], One, isCausal: false).Html, 0, 0));

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(-0.5f, "-0.5")]
    [InlineData(1.5f, "1.5")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    public void Says_which_number_is_no_probability(float number, string shown) => Says(
        $"Prompt 0, head 0, query 1, key 0: {shown} is no probability; give the attention after its softmax",
        () => AttentionPage.FromPatterns(["a", "b"], new[,] { { 1, 0 }, { number, 0.5f } }));

    [Fact]
    public void Says_how_the_sizes_do_not_fit()
    {
        Says("The patterns are [2, 2], for 2 tokens, but there are 3 tokens; was a token added at the start?",
            () => AttentionPage.FromPatterns(["a", "b", "c"], One));
        Says("The patterns are [1, 2]; the last two numbers, queries and keys, must be equal.",
            () => AttentionPage.FromPatterns(["a", "b"], new float[1, 2]));
        Says("The patterns are [2, 2, 2], those of 2 prompts, but the tokens are of 1.",
            () => AttentionPage.FromPatterns([["a", "b"]], Two));
        string[][] prompts = [["a", "b"], ["c", "d", "e"]];
        Says("The patterns are [2, 2, 2], for 2 tokens at most, but the longest prompt has 3.",
            () => AttentionPage.FromPatterns(prompts, Two));
        Says("The patterns are [0, 0]; at least one head and one token are needed.",
            () => AttentionPage.FromPatterns(Array.Empty<string>(), new float[0, 0]));
        Says("There are 1 names for 2 heads; each head needs one.",
            () => AttentionPage.FromPatterns(["a", "b"], Two, ["one"]));
        Says("Prompt 0 has attention to keys after their query, but was said to be causal.",
            () => AttentionPage.FromPatterns(["a", "b"], Two, isCausal: true));
        Says("Patterns alone have no queries and keys, which lines show",
            () => AttentionPage.FromPatterns(["a", "b"], One, options: new() { Mode = AttentionMode.Lines }));
    }

    static void Says(string start, Action act) => Assert.StartsWith(
        start, Assert.Throws<ArgumentException>(act).Message, StringComparison.Ordinal);
}
