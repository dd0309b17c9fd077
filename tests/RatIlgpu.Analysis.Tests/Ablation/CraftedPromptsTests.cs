namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class CraftedPromptsTests
{
    [Fact]
    public void There_are_forty_prompts_of_many_families_each_once()
    {
        var all = CraftedPrompts.All;
        Assert.Equal(40, all.Length);
        Assert.Equal(40, all.DistinctBy(prompt => prompt.Text).Count());
        Assert.Equal(
            [
                "set phrases", "place names", "binomials", "comparisons", "question openings", "code",
                "arithmetic and counting", "alphabets", "repetition", "weekdays", "mark-up", "games", "German",
            ],
            all.Select(prompt => prompt.Family).Distinct());
        Assert.Equal(("set phrases 1", "Last but not"), (all[0].Label, all[0].Text));
        Assert.Contains(all, prompt => prompt.Text == "x = y\ny =");
    }

    // A space at the end would be a token of its own, after which no word's usual token comes.
    [Fact]
    public void No_prompt_begins_or_ends_with_white_space() => Assert.All(
        CraftedPrompts.All, prompt => Assert.Equal(prompt.Text.Trim(), prompt.Text));

    [Fact]
    public void Lines_are_prompts_of_the_family_above_them() => Assert.Equal(
        [new("one", 1, "a b"), new("one", 2, "#c"), new("two", 1, "d\ne")],
        CraftedPrompts.Parse("# one\r\na b\r\n#c\n\n# two\nd\\ne\n"));

    [Fact]
    public void A_prompt_has_two_to_eight_tokens_of_Qwen2()
    {
        var folder = Environment.GetEnvironmentVariable("RATILGPU_QWEN2_TOKENIZER");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "RATILGPU_QWEN2_TOKENIZER names no folder with a vocabulary.");
        var tokenizer = Tokenizer.Load(folder);
        Assert.All(CraftedPrompts.All, prompt => Assert.InRange(tokenizer.Encode(prompt.Text).Ids.Length, 2, 8));
    }
}
