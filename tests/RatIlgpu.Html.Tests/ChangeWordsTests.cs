namespace RatIlgpu.Html.Tests;

/// <summary>The facts about what changed the runs of a page.</summary>
public sealed class ChangeWordsTests
{
    const string Ablated = "zero HeadValue of layer 1, heads 0, 3";

    [Fact]
    public void A_run_as_it_is_has_no_facts()
    {
        Assert.Empty(ChangeWords.Facts([], null));
        Assert.Empty(ChangeWords.Facts([], [1, 1]));
        Assert.Empty(ChangeWords.Facts([([], null), ([], [1])], 1));
        Assert.Empty(ChangeWords.Facts([], 1));
    }

    [Fact]
    public void Ablated_heads_other_changes_and_padding_are_told_in_this_order() => Assert.Equal(
        [
            ("Ablated", "L0H2, L1H0, L1H3"),
            ("Changed", "\u2068scale the MLP output of layer 1\u2069, \u2068by hand\u2069"),
            ("Padding", "positions 0, 2"),
        ],
        ChangeWords.Facts(
            [Ablated, "scale MlpOutput of layer 1", "zero HeadOutput of layer 0, heads 2", "by hand"], [0, 1, 0, 1]));

    [Fact]
    public void Where_prompts_differ_each_is_told() => Assert.Equal(
        [("Ablated", "prompt 2: L1H0, L1H3"), ("Padding", "prompt 1: position 0; prompt 2: position 1")],
        ChangeWords.Facts([([], [0, 1]), ([Ablated], [1, 0])], 1));

    [Fact]
    public void What_all_prompts_have_is_told_once() => Assert.Equal(
        [("Ablated", "L1H0, L1H3")], ChangeWords.Facts([([Ablated], null), ([Ablated], [1, 1])], 0));

    [Fact]
    public void Of_many_the_first_are_told()
    {
        var heads = $"zero HeadValue of layer 0, heads {string.Join(", ", Enumerable.Range(0, 30))}";
        var facts = ChangeWords.Facts(
            [heads, .. Enumerable.Range(0, 10).Select(i => $"{i}{new string('x', 1000)}")],
            new int[100]).ToDictionary();
        Assert.EndsWith("L0H22, L0H23 and 6 more", facts["Ablated"], StringComparison.Ordinal);
        Assert.EndsWith(" and 2 more", facts["Changed"], StringComparison.Ordinal);
        Assert.InRange(facts["Changed"].Length, 800, 1200);
        Assert.EndsWith(" 23 and 76 more", facts["Padding"], StringComparison.Ordinal);
        var many = ChangeWords.Facts(
            Enumerable.Range(0, 12).Select(i => ((ValueArray<string>)[$"own {i}"], (IEnumerable<int>?)null)), 1);
        Assert.EndsWith("own 7\u2069 and 4 more prompts", many.Single().Value, StringComparison.Ordinal);
    }
}
