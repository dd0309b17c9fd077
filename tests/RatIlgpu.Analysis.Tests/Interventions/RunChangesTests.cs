using RatIlgpu.Interventions;

namespace RatIlgpu.Analysis.Tests;

/// <summary>What was changed in a run, from the lines that recordings and traces keep.</summary>
public sealed class RunChangesTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly LanguageModel model;

    public RunChangesTests() => model = LanguageModel.Load(DemoModel.Folder, device);

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Heads_without_values_or_output_are_ablated()
    {
        var found = Of(
            Intervention.Zero(At(Activation.HeadOutput, 1, [7, 0])),
            Intervention.Zero(At(Activation.Value, 0, [2], KeyValueScope.QueryHead)),
            Intervention.Zero(At(Activation.HeadOutput, 1, [0])));
        Assert.Equal([new(0, 2), new(1, 0), new(1, 7)], found.Ablated);
        Assert.Empty(found.Others);
    }

    [Fact]
    public void A_head_that_gets_other_numbers_after_0_is_not_ablated()
    {
        foreach (var (first, last, keeps) in new[]
        {
            (Activation.HeadOutput, Activation.HeadOutput, false), (Activation.HeadValue, Activation.HeadOutput, false),
            (Activation.HeadValue, Activation.HeadValue, false), (Activation.HeadOutput, Activation.HeadValue, true),
        })
        {
            var zero = Intervention.Zero(At(first, 1, [0, 3], KeyValueScope.QueryHead));
            HeadIndex[] expected = keeps ? [new(1, 0), new(1, 3)] : [new(1, 3)];
            Assert.Equal(expected, Of(
                zero, Intervention.Edit(At(last, 1, [0], KeyValueScope.QueryHead), (_, _, _) => { })).Ablated);
            Assert.Equal(2, Of(
                zero, Intervention.Scale(At(last, 1, [0], KeyValueScope.QueryHead), 2)).Ablated.Length);
        }
    }

    [Fact]
    public void All_else_is_told_in_words()
    {
        var found = Of(
            Intervention.Scale(At(Activation.HeadOutput, 2, [3, 5]), 0.5f),
            Intervention.Zero(At(Activation.HeadOutput, 2, [1], positions: [0])),
            Intervention.Zero(At(Activation.RotatedKey, 2, [3], KeyValueScope.QueryHead, [4, 7])),
            Intervention.Zero(At(Activation.MlpOutput, 3)),
            Intervention.Zero(At(Activation.Embedding, 0)),
            // The values of a key/value head are those of several query heads.
            Intervention.Zero(At(Activation.Value, 3, [0])),
            Intervention.Edit(At(Activation.Key, 1, [0, 1]), (_, _, _) => { }, "turn up"));
        Assert.Empty(found.Ablated);
        Assert.Equal(
            [
                "scale the output of L2H3, L2H5", "zero the output of L2H1 at position 0",
                "zero the rotated key of L2H3 at positions 4, 7", "zero the MLP output of layer 3",
                "zero the token embeddings", "zero the value of key/value head 0 of layer 3",
                "turn up the key of key/value heads 0, 1 of layer 1",
            ],
            found.Others);
    }

    [Fact]
    public void Every_activation_has_words_without_its_name()
    {
        foreach (var activation in Enum.GetValues<Activation>())
        {
            var said = Assert.Single(Of(Intervention.Edit(At(activation, 0), (_, _, _) => { })).Others);
            Assert.StartsWith("edit the ", said, StringComparison.Ordinal);
            Assert.DoesNotMatch("[a-z][A-Z]", said);
        }
    }

    [Theory]
    [InlineData("L1H0 = 0")]
    [InlineData("zero HeadValue")]
    [InlineData("zero Unknown of layer 1")]
    [InlineData("zero HeadValue of layer 1, heads 0, and more")]
    [InlineData("zero Logits of layer 1")]
    [InlineData("zero MlpOutput of layer 1, heads 0")]
    [InlineData("HeadValue of layer 1, heads 0")]
    [InlineData("")]
    public void A_line_in_other_words_is_told_as_it_is(string line)
    {
        var found = RunChanges.Of([line]);
        Assert.Empty(found.Ablated);
        Assert.Equal([line], found.Others);
    }

    [Fact]
    public void Every_line_of_an_intervention_is_read_back()
    {
        foreach (var activation in Enum.GetValues<Activation>())
            foreach (var scope in Enum.GetValues<KeyValueScope>())
                foreach (ImmutableArray<int>? positions in (ImmutableArray<int>?[])[null, [3], [0, 3]])
                {
                    var target = At(activation, 0, scope: scope, positions: positions);
                    var text = $"{Intervention.Edit(target, (_, _, _) => { }, "turn up")}";
                    var line = InterventionLine.Read(text)!;
                    Assert.Equal((text, "turn up", target.ChangedSite), (line.Text, line.Verb, line.Site));
                    Assert.Equal(
                        ActivationAxes.HasHeads(target.ChangedSite.Activation) ? target.Heads : [], line.Heads);
                    Assert.Equal(positions ?? [], line.Positions);
                }

        Assert.True(InterventionLine.Read("zero HeadValue of layer 1, heads 2")!.IsZero);
        Assert.False(InterventionLine.Read("zero HeadValue of layer 1, heads 2, positions 0")!.IsZero);
        Assert.False(InterventionLine.Read("scale HeadValue of layer 1, heads 2")!.IsZero);
    }

    [Fact]
    public void Without_a_line_nothing_was_changed()
    {
        var found = RunChanges.Of([]);
        Assert.Empty(found.Ablated);
        Assert.Empty(found.Others);
        Assert.Throws<ArgumentNullException>(() => RunChanges.Of(null!));
    }

    static RunChanges Of(params Intervention[] changes) => RunChanges.Of(changes.Select(change => $"{change}"));

    InterventionTarget At(
        Activation activation,
        int layer,
        ImmutableArray<int>? heads = null,
        KeyValueScope scope = KeyValueScope.KeyValueGroup,
        ImmutableArray<int>? positions = null) =>
        InterventionTarget.At(model.Network, activation, layer, heads, positions, scope);
}
