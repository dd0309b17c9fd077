namespace RatIlgpu.Analysis.Tests;

public sealed class PatchBatchTests : IDisposable
{
    static readonly PatchTarget Heads = new(Activation.HeadOutput, PatchAxes.Head);

    readonly PatchingCase on = new();

    public void Dispose() => on.Dispose();

    [Fact]
    public void Mean_and_spread_are_over_the_pairs_that_have_the_number()
    {
        // The third pair is of equal prompts: its recovery does not exist. The second is of another length.
        PatchCase[] cases =
        [
            new(on.Pair, PatchingCase.Metric),
            new(new([1, 2, 3], [1, 9, 3]), new LogitMetric.Logit(new(3, 4), ^1)),
            new(on.PairOf(PatchingCase.Length), PatchingCase.Metric),
        ];
        var steps = new Steps();
        var batch = new ActivationPatching(on.Model) { Progress = steps }.SweepPairs(cases, Heads);
        Assert.Equal((3, 3, 2), (
            batch.Metric(new(1, Head: 2)).Count, batch.Effect(new(1, Head: 2)).Count,
            batch.Recovery(new(1, Head: 2)).Count));
        foreach (var cell in batch.Cells)
        {
            Assert.Equal(MeanAndSpread.Of(batch.Grids.Select(grid => grid.Effect(cell))), batch.Effect(cell));
            Assert.Equal(MeanAndSpread.Of(batch.Grids.Select(grid => grid.Recovery(cell))), batch.Recovery(cell));
        }

        Assert.Equal(MeanAndSpread.Of(batch.Grids.Select(grid => (double?)grid.CleanMetric)), batch.CleanMetric);
        Assert.Equal(
            batch.Patched.Max(cell => Math.Abs(batch.Effect(cell).Mean)), Math.Abs(batch.Largest(1)[0].Effect.Mean));
        steps.CheckAll(54);
    }

    [Fact]
    public void An_array_has_the_pairs_before_the_axes_of_a_grid()
    {
        var batch = on.Activations.SweepPairs(
            [new(on.Pair, PatchingCase.Metric), new(on.Pair.Swapped(), PatchingCase.Metric)],
            new(Activation.ResidualBefore, PatchAxes.Position));
        var array = batch.ToArray(PatchValue.Recovery);
        Assert.Equal(["pair", "layer", "position"], array.Axes.Select(axis => axis.Name));
        Assert.Equal(["0", "1", "2"], array.Axes[1].Labels);
        Assert.Equal(batch.Grids[1].Recovery(new(2, 5)), array[1, 2, 5]);
        Assert.Equal(batch.Grids[0][new(2, 5)], batch.Grids[0].ToArray()[2, 5]);
    }

    [Fact]
    public void A_pair_that_does_not_fit_is_refused_before_another_runs()
    {
        var steps = new Steps();
        PatchCase good = new(on.Pair, PatchingCase.Metric);
        PatchCase shorter = new(new([1, 2], [1, 3]), PatchingCase.Metric);
        PatchCase unknown = good with { Metric = new LogitMetric.Logit(new(11, 9999), ^1) };
        Refused("position 5 asked, expected 0 to 1", good, shorter);
        Refused("Token 9999 is not in the model's vocabulary", good, unknown);
        Assert.Empty(steps.All);

        void Refused(string message, params PatchCase[] cases)
        {
            foreach (var call in new Action[]
            {
                () => new ActivationPatching(on.Model) { Progress = steps }.SweepPairs(
                    cases, Heads, new() { Positions = [5] }),
                () => new DirectPathPatching(on.Model) { Progress = steps }.SweepPairs(
                    cases, null, HeadInput.Query, new() { Positions = [5] }),
            })
                Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(call).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Pairs_whose_cells_do_not_mean_the_same_are_refused()
    {
        PatchCase longer = new(on.Pair, PatchingCase.Metric), shorter = new(new([1, 2], [1, 3]), PatchingCase.Metric);
        Fails(
            "Pairs of 8 and 2 tokens were given, expected pairs of one length: patches by position are compared "
            + "position by position.",
            () => on.Activations.SweepPairs([longer, shorter], Heads with { Axes = PatchAxes.Position }));
        Fails("There is no pair of prompts: at least one is needed.", () => on.Activations.SweepPairs([], Heads));
        Fails(
            "The metrics are of the kinds Difference and LogProbability, expected one kind for all pairs.",
            () => on.Paths.SweepPairs(
                [longer, longer with { Metric = new LogitMetric.LogProbability(3, ^1) }], null, HeadInput.Query));

        static void Fails(string message, Func<object> call) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => { call(); }).Message);
    }
}
