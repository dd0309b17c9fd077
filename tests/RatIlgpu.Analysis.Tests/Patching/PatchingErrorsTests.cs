namespace RatIlgpu.Analysis.Tests;

public sealed class PatchingErrorsTests : IDisposable
{
    readonly PatchingCase on = new();

    public void Dispose() => on.Dispose();

    [Fact]
    public void A_pair_of_prompts_is_two_of_the_same_length() => Fails<ArgumentException>(
        "The clean prompt has 2 tokens, the corrupted one 3; expected equally many, so that each position means the "
        + "same in both.",
        () => new PromptPair([1, 2], [1, 2, 3]));

    [Fact]
    public void A_prompt_has_a_token()
    {
        const string Empty = "A prompt is empty: at least one token is needed.";
        Fails<ArgumentException>(Empty, () => new PromptPair([], [1]));
        Fails<ArgumentException>(Empty, () => new PromptPair([1], []));
        Fails<ArgumentException>(
            "The prompt is empty: at least one token is needed.", () => PatchingCase.Metric.Measure(on.Model, []));
    }

    [Fact]
    public void A_token_is_in_the_vocabulary()
    {
        Fails<ArgumentOutOfRangeException>(
            "Token 97 is not in the model's vocabulary of 97.",
            () => on.Paths.Sweep(new([1, 97], [1, 2]), new(0, 0), HeadInput.Query, PatchingCase.Metric));
        Fails<ArgumentOutOfRangeException>(
            "Token -1 is not in the model's vocabulary of 97.", () => Paths(new LogitMetric.Logit(new(1, -1), ^1)));
        Fails<ArgumentOutOfRangeException>(
            "Token 99 is not in the model's vocabulary of 97.", () => Paths(new LogitMetric.LogProbability(99, ^1)));
    }

    [Fact]
    public void An_answer_is_not_its_foil() => Fails<ArgumentException>(
        "Answer and foil are both token 7: their logits do not differ.",
        () => Paths(new LogitMetric.Logit(new(7, 7), ^1)));

    [Fact]
    public void A_position_is_in_the_prompt()
    {
        const string Range = ", expected 0 to 7, or ^8 to ^1 from the end.";
        Fails<ArgumentOutOfRangeException>(
            "position 8 asked" + Range, () => Paths(new LogitMetric.Logit(new(7), 8)));
        Fails<ArgumentOutOfRangeException>(
            "position ^9 asked" + Range, () => Paths(PatchingCase.Metric, new() { Positions = [^9] }));
        Fails<ArgumentException>(
            "There is no position: at least one is needed, or null for all.",
            () => Paths(PatchingCase.Metric, new() { Positions = [] }));
        Fails<ArgumentException>(
            "A position is given twice: 7, 7.", () => Paths(PatchingCase.Metric, new() { Positions = [7, ^1] }));
    }

    [Fact]
    public void A_metric_reads_where_it_said_it_would()
    {
        Fails<ArgumentException>(
            "Position 3 is not among those of the metric: 2, 7.",
            () => on.Paths.SweepAll(
                on.Pair, HeadInput.Query, new LogitMetric.Custom([2, ^1], view => view.At(3)[0])).Count());
        Fails<ArgumentException>(
            "There is no position: at least one is needed, or null for all.",
            () => Paths(new LogitMetric.Custom([], _ => 0)));
        Assert.Throws<ArgumentNullException>(() => { Paths(new LogitMetric.Custom([^1], null!)); });
    }

    [Fact]
    public void A_source_is_in_the_model()
    {
        const string Range = ": the model has layers 0 to 2, each with heads 0 to 5.";
        Fails<ArgumentOutOfRangeException>("L0H6" + Range, () => Source(new(0, 6)));
        Fails<ArgumentOutOfRangeException>("L3H0" + Range, () => Source(new(3, 0)));

        object Source(HeadIndex head) => on.Paths.Sweep(on.Pair, head, HeadInput.Query, PatchingCase.Metric);
    }

    [Fact]
    public void An_input_a_scope_and_a_treatment_are_there()
    {
        Fails<ArgumentOutOfRangeException>(
            "9 is no input of a head. (Parameter 'input')",
            () => on.Paths.SweepAll(on.Pair, (HeadInput)9, PatchingCase.Metric));
        Fails<ArgumentOutOfRangeException>(
            "9, FrozenScale: no such scope or treatment of the norm.",
            () => Paths(PatchingCase.Metric, new() { Scope = (KeyValueScope)9 }));
        Fails<ArgumentOutOfRangeException>(
            "QueryHead, 9: no such scope or treatment of the norm.",
            () => Paths(PatchingCase.Metric, new() { Norm = (NormTreatment)9 }));
    }

    [Fact]
    public void A_batch_has_a_row_and_a_destination_a_layer()
    {
        Fails<ArgumentOutOfRangeException>(
            "MaxBatchRows is 0, expected at least 1.", () => Paths(PatchingCase.Metric, new() { MaxBatchRows = 0 }));
        Fails<ArgumentOutOfRangeException>(
            "destination layer 3 asked, expected 0 to 2, or ^3 to ^1 from the end.",
            () => Paths(PatchingCase.Metric, new() { DestinationLayers = [1, 3] }));
        Fails<ArgumentException>(
            "There is no destination layer: at least one is needed, or null for all.",
            () => Paths(PatchingCase.Metric, new() { DestinationLayers = [] }));
    }

    [Theory]
    [InlineData(Activation.Embedding, PatchAxes.Position,
        "Embedding belongs to no layer; patch the stream before layer 0 instead.")]
    [InlineData(Activation.MlpOutput, PatchAxes.Head, "MlpOutput has no heads to patch one by one.")]
    [InlineData(Activation.Pattern, PatchAxes.Key,
        "Keys are patched one by one in a pattern and at single positions, not in Pattern by Key.")]
    [InlineData(Activation.HeadOutput, (PatchAxes)8, "8, KeyValueGroup: no such axes or scope.")]
    [InlineData((Activation)99, PatchAxes.Head, "99 is no activation of a model.")]
    public void A_patched_activation_is_of_a_layer_and_has_its_axes(
        Activation activation, PatchAxes axes, string message) => Assert.StartsWith(
        message, Assert.ThrowsAny<ArgumentException>(() => Patch(activation, axes)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_patched_layer_is_in_the_model() => Fails<ArgumentOutOfRangeException>(
        "layer 3 asked, expected 0 to 2, or ^3 to ^1 from the end.",
        () => Patch(Activation.HeadOutput, PatchAxes.Head, new() { Layers = [3] }));

    [Fact]
    public void A_batch_of_activations_has_a_row() => Fails<ArgumentOutOfRangeException>(
        "MaxBatchRows is 0, expected at least 1.",
        () => Patch(Activation.HeadOutput, PatchAxes.Head, new() { MaxBatchRows = 0 }));

    [Fact]
    public void A_grid_has_the_cells_of_its_axes()
    {
        var grid = Patch(Activation.HeadOutput, PatchAxes.Head);
        Fails<ArgumentException>("The grid has no L0H6.", () => grid[new(0, Head: 6)]);
        Fails<ArgumentException>("The grid has no L0.", () => grid[new(0)]);
        Fails<ArgumentException>("The grid has no L0H1 at 2.", () => grid[new(0, 2, 1)]);
    }

    [Theory]
    [InlineData(PatchAxes.Position)]
    [InlineData(PatchAxes.Head | PatchAxes.Position)]
    public void Paths_lead_to_heads_or_layers(PatchAxes axes) => Fails<ArgumentOutOfRangeException>(
        $"Axes is {axes}: paths lead to a Head or to a whole Layer.",
        () => Paths(PatchingCase.Metric, new() { Axes = axes }));

    PatchGrid<PatchTarget> Patch(
        Activation activation, PatchAxes axes, ActivationPatchingOptions? options = null) =>
        on.Activations.Sweep(on.Pair, new(activation, axes), PatchingCase.Metric, options);

    // The sweep is not enumerated: the call itself must throw.
    object Paths(LogitMetric metric, DirectPathOptions? options = null) =>
        on.Paths.SweepAll(on.Pair, HeadInput.Query, metric, options);

    static void Fails<T>(string message, Func<object?> call)
        where T : Exception => Assert.StartsWith(
            message, Assert.Throws<T>(() => { call(); }).Message, StringComparison.Ordinal);
}
