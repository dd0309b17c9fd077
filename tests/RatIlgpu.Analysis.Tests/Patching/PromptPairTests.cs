namespace RatIlgpu.Analysis.Tests;

public sealed class PromptPairTests
{
    [Fact]
    public void A_swapped_pair_exchanges_clean_and_corrupted() =>
        Assert.Equal(new PromptPair([1, 5, 3], [1, 2, 3]), new PromptPair([1, 2, 3], [1, 5, 3]).Swapped());

    [Fact]
    public void Pairs_of_the_same_prompts_are_equal()
    {
        Assert.Equal(new PromptPair([1, 2, 3], [1, 5, 3]), new PromptPair([1, 2, 3], [1, 5, 3]));
        Assert.Equal(
            new PromptPair([1, 2, 3], [1, 5, 3], [0, 1, 1]), new PromptPair([1, 2, 3], [1, 5, 3], [0, 1, 1]));
        Assert.NotEqual(new PromptPair([1, 2, 3], [1, 5, 3], [0, 1, 1]), new PromptPair([1, 2, 3], [1, 5, 3]));
    }

    [Fact]
    public void Prompts_differ_where_a_token_does_and_not_in_their_padding()
    {
        Assert.Equal(2, new PromptPair([7, 2, 3], [8, 2, 4], [0, 1, 1]).FirstDifference);
        Assert.Equal(3, new PromptPair([7, 2, 3], [8, 2, 4], [0, 1, 0]).FirstDifference);
    }

    [Fact]
    public void A_mask_has_an_entry_for_each_token()
    {
        Refused("The attention mask has 2 entries, expected 3, one per token.", [1, 1]);
        Refused("The attention mask has an entry 2, expected 0 for padding or 1 for a token.", [1, 2, 1]);
        Refused("The attention mask has no 1: at least one token is needed.", [0, 0, 0]);

        static void Refused(string message, ValueArray<int> mask) => Assert.Equal(
            message, Assert.Throws<ArgumentException>(() => new PromptPair([1, 2, 3], [1, 5, 3], mask)).Message);
    }

    [Fact]
    public void Padding_is_neither_patched_nor_measured()
    {
        using var on = new PatchingCase();
        var pair = new PromptPair([1, 2, 3, 4], [1, 5, 3, 4], [1, 1, 1, 0]);
        var target = new PatchTarget(Activation.Pattern, PatchAxes.Position | PatchAxes.Head | PatchAxes.Key);
        var metric = new LogitMetric.Logit(new(11, 12), 2);
        var grid = on.Activations.Sweep(pair, target, metric);
        Assert.All(grid.Cells, cell => Assert.Equal(
            cell.Key <= cell.Position && cell.Position < 3, grid[cell] is not null));
        Fails("Position 3 of the metric is padding, expected that of a token.", () => on.Activations.Sweep(
            pair, target, PatchingCase.Metric));
        Fails("Position 3 is padding, expected that of a token.", () => on.Activations.Sweep(
            pair, target, metric, new() { Positions = [^1] }));
        Fails("Position 3 is padding, expected that of a token.", () => on.Paths.Sweep(
            pair, new(0, 0), HeadInput.Key, metric, new() { Positions = [^1] }));
        Fails("The attention mask has 1 entries, expected 2, one per token.", () => PatchingCase.Metric.Measure(
            on.Model, [1, 2], attentionMask: [1]));

        static void Fails(string message, Func<object> call) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => { call(); }).Message);
    }

    [Fact]
    public void Recorded_runs_are_those_of_the_prompts()
    {
        using var on = new PatchingCase();
        var target = new PatchTarget(Activation.HeadOutput, PatchAxes.Head);
        var captures = ActivationPatching.Captures(target, PatchingCase.Metric);
        var clean = new Recorder(on.Model).Record(on.Pair.Clean, captures);
        Fails(
            "The run was recorded over other tokens than the corrupted prompt: 8, expected the 8 of the prompt.",
            () => on.Pair with { CorruptedRun = clean });
        Fails(
            "The run was recorded with other padding than the clean prompt has, first at position 0.",
            () => new PromptPair(on.Pair.Clean, on.Pair.Corrupted, [0, 1, 1, 1, 1, 1, 1, 1]) { CleanRun = clean });
        Fails(
            "Value of layer 0 was not recorded: ask for Value when recording.",
            () => on.Activations.Sweep(
                on.Pair with { CleanRun = clean },
                target with { Activation = Activation.Value },
                PatchingCase.Metric));
        Fails(
            "Logits was not recorded: ask for Logits when recording.",
            () => on.Activations.Sweep(
                on.Pair with { CleanRun = clean }, target, new LogitMetric.LogProbability(3, ^1)));
        using var another = new PatchingCase(config: Testing.TinyQwen2.Small with { RopeTheta = 5 });
        Assert.Contains(
            "The recording is of another model",
            Assert.Throws<ArgumentException>(() => another.Activations.Sweep(
                on.Pair with { CleanRun = clean }, target, PatchingCase.Metric)).Message,
            StringComparison.Ordinal);

        static void Fails(string message, Func<object> call) =>
            Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(() => { call(); }).Message);
    }

    [Fact]
    public void Runs_with_interventions_are_refused_since_patched_runs_go_without_them()
    {
        using var on = new PatchingCase();
        var recorder = new Recorder(on.Model);
        Recording Run(ValueArray<int> ids, params ReadOnlySpan<Intervention> changes) =>
            recorder.Record(ids.AsSpan(), [new(Activation.Logits)], new() { Interventions = [.. changes] });
        var silent = Intervention.Zero(InterventionTarget.At(on.Model, Activation.HeadOutput, 1, [0]));
        var (clean, corrupted) = (Run(on.Pair.Clean), Run(on.Pair.Corrupted));
        PromptPair.Of(clean, corrupted);
        Fails("clean prompt", () => PromptPair.Of(Run(on.Pair.Clean, silent), corrupted));
        Fails("corrupted prompt", () => PromptPair.Of(clean, Run(on.Pair.Corrupted, silent)));

        static void Fails(string prompt, Func<object> call) => Assert.Equal(
            $"The run of the {prompt} was recorded with interventions, the first: zero HeadOutput of layer 1, heads 0, "
            + "expected none, since patched runs go without them. Record it without interventions.",
            Assert.Throws<ArgumentException>(() => { call(); }).Message);
    }
}
