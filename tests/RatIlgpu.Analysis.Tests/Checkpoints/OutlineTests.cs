namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class OutlineTests
{
    static readonly DiffOptions Options = new() { Documents = 3, TextLength = 32 };

    [Fact]
    public void What_is_known_before_the_runs_is_the_comparison_of_equal_models()
    {
        using var pair = new TinyPair();
        var differ = new CheckpointDiffer(pair.A, pair.B);
        var (outline, found) = (differ.Outline(Options), differ.Read(Options));
        Assert.Equal((found.A, found.B, found.LayerCount), (outline.A, outline.B, outline.LayerCount));
        Assert.Equal(found.Weights.Items.Select(Unread), outline.Weights.Items.Select(Unread));
        Assert.Equal(found.Texts!.Texts, outline.Texts!.Texts);
        Assert.Equal(found.Texts.Origin, outline.Texts.Origin);
        Assert.Equal(
            found.Texts.Heads.Items.Select(head => (head.Head, head.Mean)),
            outline.Texts.Heads.Items.Select(head => (head.Head, head.Mean)));

        static WeightChange Unread(WeightChange weight) => weight with
        {
            Whole = weight.Whole with { NormBefore = 0 },
            Heads = [.. weight.Heads.Items.Select(block => block with { NormBefore = 0 })],
        };
    }

    [Fact]
    public void Without_texts_nothing_is_known_of_them()
    {
        using var pair = new TinyPair();
        Assert.Null(new CheckpointDiffer(pair.A, pair.B).Outline(new() { RunsTexts = false }).Texts);
    }

    [Fact]
    public void A_model_that_changed_has_no_other_outline()
    {
        using var pair = new TinyPair((_, numbers) => numbers[0] += 1);
        var weights = new CheckpointDiffer(pair.A, pair.B).Outline(Options).Weights;
        Assert.All(weights, weight => Assert.Equal(0, weight.Whole.Norm));
        Assert.Equal(pair.Read(Options).Weights.Items.Select(weight => weight.Name), weights.Items.Select(
            weight => weight.Name));
    }
}
