namespace RatIlgpu.Analysis.Tests;

public sealed class IoiPromptsTests
{
    static readonly Tokenizer Tokenizer = WholeWords.Load(
        WholeWords.Spaced([.. WordLists.Names, "park", "school", "book", "key", "ring"]));

    static readonly IoiPrompts Prompts = new(Tokenizer, 1000);

    [Fact]
    public void S_comes_twice_and_each_other_name_once()
    {
        Assert.All(Many(), made =>
        {
            Assert.Equal([made.S1, made.S2], Places(made.Ids, made.SId));
            Assert.Equal([made.Io], Places(made.Ids, made.IoId));
            Assert.Empty(Places(made.Ids, made.ThirdId));
            Assert.True(made.Io < made.S2 && made.S1 < made.S2 && made.S2 < made.End);
            Assert.Equal(made.Ids.Length - 1, made.End);
        });
    }

    [Fact]
    public void The_control_has_a_third_name_in_the_place_of_the_second_S_and_is_else_the_same()
    {
        Assert.All(Many(), made =>
        {
            Assert.Equal(made.Ids.Length, made.ControlIds.Length);
            Assert.Equal([made.S2], Places(made.ControlIds, made.ThirdId));
            Assert.Equal([made.S1], Places(made.ControlIds, made.SId));
            Assert.Equal(made.Ids.Items.SetItem(made.S2, made.ThirdId), made.ControlIds.Items);
        });
    }

    [Fact]
    public void Both_orders_take_turns_in_every_sentence()
    {
        Assert.All(Many().Index(), made => Assert.Equal(made.Index % 2 == 0, made.Item.IsAbba));
        Assert.All(Many(), made => Assert.Equal(made.IsAbba, made.Io < made.S1));
        Assert.Equal(12, Prompts.TemplateCount);
        Assert.All(Many().Take(24).GroupBy(made => made.Template), two => Assert.Equal(2, two.Count()));
    }

    [Fact]
    public void The_end_lies_at_several_distances_from_the_second_S() =>
        Assert.InRange(Many().Select(made => made.End - made.S2).Distinct().Count(), 4, 100);

    [Fact]
    public void A_prompt_is_the_sentence_as_the_tokenizer_cuts_it()
    {
        var made = Prompts.Make(0);
        var text = Tokenizer.Decode(made.Ids.AsSpan());
        Assert.Matches(@"^When (\w+) and (\w+) went to the (park|school), \2 gave a (book|key|ring) to$", text);
        Assert.Equal(Tokenizer.Encode(text).Ids, made.Ids);
    }

    [Fact]
    public void A_prompt_made_alone_is_that_of_its_number_in_a_row()
    {
        Assert.Equal(Many().ElementAt(17), new IoiPrompts(Tokenizer, 1000).Make(17));
        Assert.NotEqual(Prompts.Make(17), new IoiPrompts(Tokenizer, 1000, seed: 1).Make(17));
    }

    [Fact]
    public void The_names_are_those_that_are_single_tokens()
    {
        Assert.Equal(WordLists.Names.Select(name => Tokenizer.TokenOf(" " + name)), Prompts.NameIds);
        Assert.Equal(6, new IoiPrompts(Tokenizer, 259 + 6).NameIds.Length);
    }

    [Fact]
    public void Three_names_are_too_few()
    {
        var none = new IoiPrompts(WholeWords.Load(" Mary", " John", " Tom", " park", " book"), 1000);
        Assert.Equal(
            "Of the names 3 are single tokens, of the places 1 and of the things 1, expected at least 4, 1 and 1; "
            + "there are no prompts about an indirect object.",
            Assert.Single(none.Warnings));
        Assert.Equal(0, none.TemplateCount);
        Assert.Contains(
            "no sentence about an indirect object",
            Assert.Throws<InvalidOperationException>(() => none.Make(0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_tokenizer_there_are_none() => Assert.Equal(
        ["The model has no tokenizer; there are no prompts about an indirect object."],
        new IoiPrompts(WholeWords.Numbers(16), 16).Warnings);

    static IEnumerable<IoiPrompt> Many() => Enumerable.Range(0, 100).Select(Prompts.Make);

    static IEnumerable<int> Places(ValueArray<int> ids, int id) =>
        ids.Index().Where(one => one.Item == id).Select(one => one.Index);
}
