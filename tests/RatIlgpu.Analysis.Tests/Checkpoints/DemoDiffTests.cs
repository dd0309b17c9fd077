namespace RatIlgpu.Analysis.Tests.Checkpoints;

/// <summary>What is found where the previous-token head L1H0 of the demonstration model writes nothing: the induction
/// heads of layer 3 read what it writes.</summary>
public sealed class DemoDiffTests(DemoPair demo) : IClassFixture<DemoPair>
{
    static readonly AtlasOptions Few = new()
    {
        Documents = 2,
        TextLength = 64,
        RepeatSequences = 8,
        SuccessorPrompts = 4,
        IndirectObjectPrompts = 4,
    };

    [Fact]
    public void The_change_its_effect_on_attention_predictions_and_roles_are_found()
    {
        var diff = new CheckpointDiffer(demo.A, demo.B).Read(new() { Documents = 6, TextLength = 64, Scores = Few });

        var weight = Assert.Single(diff.Weights, one => one.Whole.Norm > 0);
        Assert.Equal((1, WeightPart.Output), (weight.Layer, weight.Part));
        Assert.Equal([new HeadIndex(1, 0)], Enumerable.Range(0, 8).Select(head => new HeadIndex(1, head))
            .Where(head => diff.BlockOf(head, WeightPart.Output)!.Value.Norm > 0));

        var texts = diff.Texts!;
        // All heads up to the one that changed, and the others of its layer, are exactly alike.
        Assert.All(texts.Heads.Take(16), head => Assert.Equal(default, head.Most));
        Assert.All(texts.Heads.Skip(16), head => Assert.InRange(head.Mean.JensenShannon, 1e-5, Math.Log(2)));
        Assert.Equal(1, texts.Cosines[0]);
        Assert.NotEmpty(texts.Predictions);

        foreach (var head in Enumerable.Range(0, 7))
        {
            var change = diff.Scores!.Changes.Single(
                one => one.Head == new HeadIndex(3, head) && one.ScoreId == "induction");
            Assert.True(change.Differs);
            // The first four look for copies nearly always, the next three as a part of what they do.
            Assert.InRange(change.Difference, -1, head < 4 ? -0.7 : -0.2);
            Assert.Contains(diff.Scores.Roles, role => role.Head == new HeadIndex(3, head)
                && role is { IsGained: false, Label.Role: HeadRole.Induction });
        }

        // It still looks at the token before.
        var previous = diff.Scores!.Changes.Single(
            one => one.Head == new HeadIndex(1, 0) && one.ScoreId == "previous");
        Assert.Equal(0, previous.Difference);
        Assert.False(previous.Differs);
    }

    [Fact]
    public void Without_what_induction_reads_the_second_of_two_copies_is_not_known()
    {
        int[] half = [.. new Random(5).GetItems(Enumerable.Range(300, 900).ToArray(), 24).Distinct()];
        var texts = new CheckpointDiffer(demo.A, demo.B).Read(new() { Prompts = [new([.. half, .. half])] }).Texts!;
        Assert.InRange(texts.LossB!.Value - texts.LossA!.Value, 0.5, 20);
        var second = texts.Predictions.Where(one => one.Position >= half.Length).ToList();
        Assert.InRange(second.Count, half.Length / 2, half.Length);
        Assert.InRange(
            second.Count(one => one.A.Token.Id == half[(one.Position + 1) % half.Length]), half.Length / 2,
            half.Length);
    }

    [Fact]
    public void Atlases_that_were_written_give_the_changes_of_a_run()
    {
        var (a, b) = (Saved(demo.A), Saved(demo.B));
        var differ = new CheckpointDiffer(demo.A, demo.B);
        var (read, run) = (
            differ.Read(new() { RunsTexts = false, AtlasA = a, AtlasB = b }).Scores!,
            differ.Read(new() { RunsTexts = false, Scores = Few }).Scores!);
        Assert.Equal(run.Changes, read.Changes);
        Assert.Equal(run.Roles, read.Roles);
        Assert.Equal(run.Scores, read.Scores);
        // Values of length 0 have no sink.
        Assert.Equal(
            "The atlas of A alone has the score 'sink-value' of L1H0: it is not compared.",
            Assert.Single(read.Warnings));
        Assert.Equal(run.Warnings, read.Warnings);

        var fault = Assert.Throws<ArgumentException>(
            () => differ.Read(new() { RunsTexts = false, AtlasA = b, AtlasB = a }));
        Assert.StartsWith("The atlas of A is of ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("make it with 'ratilgpu heads --model'", fault.Message, StringComparison.Ordinal);
    }

    static HeadAtlas Saved(LanguageModel model)
    {
        using var folder = new Testing.TemporaryFolder();
        HeadAtlasJson.Save(new HeadAtlasReader(model, Few).Read(AtlasDetail.Scores), folder.Path("atlas.json"));
        return HeadAtlasJson.ReadScores(folder.Path("atlas.json"));
    }
}
