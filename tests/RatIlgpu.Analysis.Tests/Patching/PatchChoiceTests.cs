namespace RatIlgpu.Analysis.Tests;

/// <summary>A sweep over some positions or heads gives them the values that a sweep over all of them gives.</summary>
public sealed class PatchChoiceTests : IDisposable
{
    readonly PatchingCase on = new();

    public void Dispose() => on.Dispose();

    [Fact]
    public void Chosen_positions_and_heads_have_the_values_of_the_whole_grid_and_others_none()
    {
        var target = new PatchTarget(Activation.HeadOutput, PatchAxes.Position | PatchAxes.Head);
        var whole = on.Activations.Sweep(on.Pair, target, PatchingCase.Metric);
        var some = on.Activations.Sweep(
            on.Pair, target, PatchingCase.Metric, new() { Layers = [1, ^1], Positions = [3, ^1], Heads = [4, 0] });
        Assert.Equal(
            whole.Cells.Where(cell => cell is { Layer: 1 or 2, Position: 3 or 7, Head: 0 or 4 }), some.Patched);
        Assert.All(some.Patched, cell =>
            Assert.Equal(whole[cell]!.Value, some[cell]!.Value, PatchingCase.Tolerance));
        Assert.True(Math.Abs(some.Largest(1)[0].Effect) > 0.01);
    }

    // Patched as a whole, only the chosen positions and heads are put in.
    [Fact]
    public void Without_their_axes_chosen_positions_and_heads_are_patched_together()
    {
        var grid = on.Activations.Sweep(
            on.Pair,
            new(Activation.Value, PatchAxes.Layer),
            PatchingCase.Metric,
            new() { Positions = [3, 5], Heads = [1] });
        var clean = new Recorder(on.Model).Record(on.Pair.Clean.AsSpan(), [new(Activation.Value)]);
        foreach (var cell in grid.Cells)
        {
            var target = InterventionTarget.At(on.Model, Activation.Value, cell.Layer, [1], [3, 5]);
            Assert.Equal(
                PatchingCase.Metric.Measure(
                    on.Model, on.Pair.Corrupted.AsSpan(), [Intervention.Replace(target, clean)]),
                grid[cell]!.Value,
                PatchingCase.Tolerance);
        }

        Assert.True(Math.Abs(grid.Largest(1)[0].Effect) > 0.001);
    }

    [Fact]
    public void Chosen_sources_and_destinations_have_the_values_of_the_whole_sweep()
    {
        var whole = on.Paths.SweepAll(on.Pair, HeadInput.Key, PatchingCase.Metric)
            .ToDictionary(grid => grid.Target.Source);
        var some = on.Paths.SweepAll(
            on.Pair,
            [new(1, 3), new(0, 5), new(0, 0)],
            HeadInput.Key,
            PatchingCase.Metric,
            new() { DestinationLayers = [^1], DestinationHeads = [5, 2] }).ToList();
        Assert.Equal([new(0, 5), new(0, 0), new(1, 3)], some.Select(grid => grid.Target.Source));
        foreach (var grid in some)
        {
            Assert.Equal([new(2, Head: 2), new(2, Head: 5)], grid.Patched);
            Assert.All(grid.Patched, cell =>
                Assert.Equal(whole[grid.Target.Source][cell]!.Value, grid[cell]!.Value, PatchingCase.Tolerance));
        }
    }

    [Fact]
    public void A_wrong_choice_says_what_is_wrong()
    {
        Fails("There is no source: at least one head is needed.", () => Sources([]));
        Fails("A source is given twice: L0H1, L0H1.", () => Sources([new(0, 1), new(0, 1)]));
        Fails("L3H0: the model has layers 0 to 2, each with heads 0 to 5.", () => Sources([new(3, 0)]));
        Fails(
            "Destination heads are chosen, but all heads of a layer are patched at once: patch by Head.",
            () => Sources([new(0, 0)], new() { Axes = PatchAxes.Layer, DestinationHeads = [1] }));
        Fails(
            "head 2 of Key asked, a layer has heads 0 to 1.",
            () => Sources([new(0, 0)], new() { Scope = KeyValueScope.KeyValueGroup, DestinationHeads = [2] }));
        Fails(
            "ResidualBefore has no heads, but heads were given.",
            () => on.Activations.Sweep(
                on.Pair,
                new(Activation.ResidualBefore, PatchAxes.Position),
                PatchingCase.Metric,
                new() { Heads = [0] }));
        Fails(
            "position 8 asked",
            () => on.Activations.Sweep(
                on.Pair, new(Activation.HeadOutput, PatchAxes.Head), PatchingCase.Metric, new() { Positions = [8] }));

        object Sources(ValueArray<HeadIndex> sources, DirectPathOptions? options = null) =>
            on.Paths.SweepAll(on.Pair, sources, HeadInput.Key, PatchingCase.Metric, options);

        static void Fails(string message, Func<object> call) => Assert.StartsWith(
            message, Assert.ThrowsAny<ArgumentException>(() => { call(); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Axes_are_words()
    {
        Assert.Equal(["layer"], PatchAxisWords.Of(PatchAxes.Layer));
        Assert.Equal(["layer", "position", "key"], PatchAxisWords.Of(PatchAxes.Position | PatchAxes.Key));
        Assert.Equal(PatchAxes.Head | PatchAxes.Position, PatchAxisWords.Parse("head", "position"));
        Assert.Equal(PatchAxes.Layer, PatchAxisWords.Parse("layer"));
        foreach (var axes in Enumerable.Range(0, 8).Select(bits => (PatchAxes)bits))
            Assert.Equal(axes, PatchAxisWords.Parse(PatchAxisWords.Of(axes)));
        Assert.Equal(
            "'head,Key', expected some of layer, position, head, key, each once.",
            Assert.Throws<ArgumentException>(() => PatchAxisWords.Parse("head", "Key")).Message);
        Assert.Equal(
            "'head,head', expected some of layer, position, head, key, each once.",
            Assert.Throws<ArgumentException>(() => PatchAxisWords.Parse("head", "head")).Message);
    }
}
