namespace RatIlgpu.Analysis.Tests;

public sealed class PromptPairTests
{
    [Fact]
    public void A_swapped_pair_exchanges_clean_and_corrupted() =>
        Assert.Equal(new PromptPair([1, 5, 3], [1, 2, 3]), new PromptPair([1, 2, 3], [1, 5, 3]).Swapped());

    [Fact]
    public void Pairs_of_the_same_prompts_are_equal() =>
        Assert.Equal(new PromptPair([1, 2, 3], [1, 5, 3]), new PromptPair([1, 2, 3], [1, 5, 3]));
}
