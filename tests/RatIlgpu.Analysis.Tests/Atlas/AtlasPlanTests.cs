using RatIlgpu.Models;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class AtlasPlanTests
{
    static readonly Tokenizer Tokenizer = Tokenizer.Load(DemoModel.Folder);
    static readonly Qwen2Config Config = Qwen2Config.Read(DemoModel.Folder);

    static readonly AtlasOptions Few = new()
    {
        Documents = 2,
        TextLength = 64,
        RepeatSequences = 2,
        SuccessorPrompts = 4,
        IndirectObjectPrompts = 4,
    };

    // Of 64 tokens one query has a key 63 before it: the first key.
    [Theory]
    [InlineData(ScoreProfile.Robust, 0, 56)]
    [InlineData(ScoreProfile.Pr403, 1, 63)]
    public void The_profile_leaves_out_the_first_key_and_the_first_queries_but_by_the_published_rules(
        ScoreProfile profile, int farthest, int previous)
    {
        var plan = PlanOf(Few with { Profile = profile });
        var text = plan.UnitsOf(AtlasPass.Text, AtlasShard.Whole).First().Sequences.Single();
        Assert.Equal(64, text.Ids.Length);
        var (layout, counts) = (plan.LayoutOf(AtlasPass.Text), text.Cells.Data);
        Assert.Equal(farthest, CountOf(63));
        Assert.Equal(previous, CountOf(1));

        double CountOf(int offset) => FixedPoint.ToDouble(counts[layout.Scores.Length + offset]);
    }

    [Fact]
    public void A_seed_gives_the_same_sequences_again_and_another_seed_gives_others()
    {
        var made = Made(Few);
        Assert.Equal(made, Made(Few));
        var others = Made(Few with { Seed = 1 });
        // Texts are what they are.
        foreach (var pass in (AtlasPass[])[AtlasPass.Repeats, AtlasPass.Successors, AtlasPass.IndirectObject])
            Assert.NotEqual(Of(made, pass), Of(others, pass));

        static List<ValueArray<int>> Of(IEnumerable<(AtlasPass Pass, ValueArray<int> Ids)> all, AtlasPass pass) =>
            [.. all.Where(one => one.Pass == pass).Select(one => one.Ids)];

        static List<(AtlasPass Pass, ValueArray<int> Ids)> Made(AtlasOptions options) =>
        [
            .. PlanOf(options).Units(AtlasShard.Whole)
                .SelectMany(unit => unit.Sequences.Select(sequence => (unit.Pass, sequence.Ids))),
        ];
    }

    [Fact]
    public void A_prompt_and_its_controls_have_one_length()
    {
        var plan = PlanOf(Few with { SuccessorPrompts = 40 });
        foreach (var unit in plan.UnitsOf(AtlasPass.Successors, AtlasShard.Whole))
        {
            Assert.Equal(3, unit.Sequences.Length);
            Assert.Single(unit.Sequences.Select(sequence => sequence.Ids.Length).Distinct());
        }
    }

    // What is told is what is run.
    [Fact]
    public void As_many_units_are_made_as_are_counted()
    {
        var plan = PlanOf(Few);
        foreach (var pass in AtlasLayouts.Passes.Remove(AtlasPass.Text))
            Assert.Equal(plan.CountOf(pass), plan.UnitsOf(pass, AtlasShard.Whole).Count());
        Assert.Equal([2, 4, 4], AtlasLayouts.Passes.Remove(AtlasPass.Text).Select(plan.CountOf));
    }

    static AtlasPlan PlanOf(AtlasOptions options) => new(Tokenizer, Config, options);
}
