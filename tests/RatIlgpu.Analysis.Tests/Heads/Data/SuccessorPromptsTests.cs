namespace RatIlgpu.Analysis.Tests;

public sealed class SuccessorPromptsTests
{
    static readonly string[] Weekdays =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    // Digits are bytes, and no space joins them; of the months there are two; number words have a gap.
    static readonly Tokenizer Tokenizer = WholeWords.Load(
    [
        .. WholeWords.Spaced([.. Weekdays, "January", "March", "one", "two", "three", "five", "six"]),
        .. WholeWords.Spaced(WordLists.Neutral), .. WordLists.Neutral,
    ]);

    static readonly SuccessorPrompts Prompts = new(Tokenizer, 1000);

    [Fact]
    public void Families_that_are_not_single_tokens_are_left_out_with_a_warning()
    {
        Assert.Equal(["digits", "number words", "weekdays"], Prompts.Families);
        Assert.Contains(
            "months: 2 of 12 elements are single tokens; the family is left out.", Prompts.Warnings);
        Assert.Contains(
            "number words: 5 of 12 elements are single tokens; the others are left out.", Prompts.Warnings);
        Assert.DoesNotContain(Prompts.Warnings, warning => warning.StartsWith("weekdays", StringComparison.Ordinal));
    }

    [Fact]
    public void The_three_have_one_length_and_layout()
    {
        Assert.All(Many(), made =>
        {
            Assert.Equal(made.Ids.Length, made.PermutedIds.Length);
            Assert.Equal(made.Ids.Length, made.ControlIds.Length);
            Assert.Equal(made.Ids.Length - 1, made.Elements[^1]);
            Assert.True(made.Elements[0] > 0);
            for (var position = 0; position < made.Ids.Length; position++)
                if (!made.Elements.Contains(position))
                    Assert.Equal(
                        (made.Ids[position], made.Ids[position]),
                        (made.PermutedIds[position], made.ControlIds[position]));
        });
    }

    [Fact]
    public void A_prompt_reads_as_a_list()
    {
        var weekdays = Many().First(made => made.FamilyName == "weekdays" && made.RunOrdinals[0] == 1);
        Assert.StartsWith("List: Tuesday, Wednesday, Thursday", Text(weekdays.Ids), StringComparison.Ordinal);
        Assert.Equal(Tokenizer.Encode(Text(weekdays.Ids)).Ids, weekdays.Ids);
        var digits = Many().First(made => made.FamilyName == "digits" && made.RunOrdinals[0] == 0);
        Assert.StartsWith("List:0,1,2", Text(digits.Ids), StringComparison.Ordinal);
        Assert.Equal((", ", ","), (weekdays.Separator, digits.Separator));
    }

    [Fact]
    public void The_permuted_elements_are_those_of_the_run_and_none_follows_its_predecessor()
    {
        Assert.All(Many(), made =>
        {
            Assert.Equal(made.RunOrdinals.Order(), made.PermutedOrdinals.Order());
            Assert.DoesNotContain(made.PermutedOrdinals.Zip(made.PermutedOrdinals.Skip(1)), pair =>
                pair.Second == pair.First + 1
                || (made.IsCyclic && pair.Second == 0 && pair.First == made.FamilySize - 1));
        });
        var classes = Prompts.Classes.ToDictionary(
            one => one.Name, one => one.Elements.ToDictionary(element => element.Ordinal, element => element.Id));
        Assert.All(Many(), made => Assert.Equal(
            made.PermutedOrdinals.Select(ordinal => classes[made.FamilyName][ordinal]),
            made.Elements.Select(position => made.PermutedIds[position])));
    }

    [Fact]
    public void A_run_passes_no_gap_and_goes_round_only_where_the_family_is_cyclic()
    {
        Assert.All(Many(), made => Assert.All(made.RunOrdinals.Zip(made.RunOrdinals.Skip(1)), pair =>
            Assert.Equal(made.IsCyclic ? (pair.First + 1) % made.FamilySize : pair.First + 1, pair.Second)));
        Assert.All(Many().Where(made => made.FamilyName == "number words"), made =>
            Assert.Equal([0, 1, 2], made.RunOrdinals));
        Assert.Contains(Many(), made => made.FamilyName == "weekdays" && made.RunOrdinals.Contains(0)
            && made.RunOrdinals[0] > 0);
    }

    [Fact]
    public void Control_words_differ_and_are_no_elements()
    {
        var elements = Prompts.Classes.SelectMany(one => one.Elements).Select(one => one.Id).ToHashSet();
        Assert.All(Many(), made =>
        {
            var words = made.Elements.Select(position => made.ControlIds[position]).ToList();
            Assert.Equal(words.Count, words.Distinct().Count());
            Assert.DoesNotContain(words, elements.Contains);
        });
    }

    [Fact]
    public void A_prompt_made_alone_is_that_of_its_number_in_a_row()
    {
        Assert.Equal(Many().ElementAt(17), new SuccessorPrompts(Tokenizer, 1000).Make(17));
        Assert.NotEqual(Prompts.Make(17), new SuccessorPrompts(Tokenizer, 1000, seed: 1).Make(17));
    }

    [Fact]
    public void Words_beyond_the_rows_of_the_model_do_not_count()
    {
        // The weekdays have the tokens 259 to 265.
        var few = new SuccessorPrompts(Tokenizer, 264);
        Assert.Contains("weekdays: 5 of 7 elements are single tokens; the others are left out.", few.Warnings);
        Assert.Contains(
            "weekdays: 0 words for its controls are single tokens, expected at least 3; the family is left out.",
            few.Warnings);
        Assert.Empty(few.Families);
    }

    [Fact]
    public void Without_a_tokenizer_there_are_none()
    {
        var none = new SuccessorPrompts(WholeWords.Numbers(16), 16);
        Assert.Equal(["The model has no tokenizer; there are no successor prompts."], none.Warnings);
        Assert.Empty(none.Families);
        Assert.Contains(
            "no family of ordered single tokens",
            Assert.Throws<InvalidOperationException>(() => none.Make(0)).Message,
            StringComparison.Ordinal);
    }

    static IEnumerable<SuccessorPrompt> Many() => Enumerable.Range(0, 300).Select(Prompts.Make);

    static string Text(ValueArray<int> ids) => Tokenizer.Decode(ids.AsSpan());
}
