using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class PredictionTableTests : IDisposable
{
    const double Single = 1e-4;

    readonly TinyQwen2 tiny = new();
    readonly TemporaryFolder folder = new();
    readonly CpuDevice device = new();
    readonly Qwen2Model model;
    readonly PredictionPrompt prompt;

    public PredictionTableTests()
    {
        model = tiny.On(device);
        prompt = new([.. tiny.Prompt(6)], 4, "six tokens");
    }

    // The circuit copies the token after an earlier one like the last. Of 3 3 3 7 7 that is the last 7 itself, whose
    // previous token, which the first layer remembers, is a 7; a uniform head copies 3, which stands there most often.
    [Fact]
    public void Without_the_memory_of_the_token_before_the_circuit_copies_nothing()
    {
        using var run = ConstructedRun.Load(CircuitModels.Induction(), folder.Root, device);
        var report = PredictionTable.Run(run.Network, [new([3, 3, 3, 7, 7], 4)]);
        Assert.True(report.AreChosen);
        Assert.Equal(3, report.Heads.Length);
        Assert.Contains(CircuitModels.Previous, report.Heads);
        Assert.Contains(CircuitModels.Inductor, report.Heads);
        var rows = report.Prompts.Single().Rows;
        Assert.Equal(7, rows[0].Predicted.Id);
        Is(3, PredictionConditionKind.Heads, row => row.Condition.Heads == [CircuitModels.Previous]);
        Is(3, PredictionConditionKind.PreviousValues, row => row.Condition.Layer == 0);
        Is(7, PredictionConditionKind.PreviousValues, row => row.Condition.Layer == 1);
        Is(3, PredictionConditionKind.PreviousValuesOfHeads, _ => true);

        void Is(int expected, PredictionConditionKind kind, Func<PredictionRow, bool> which)
        {
            var row = rows.Single(one => one.Condition.Kind == kind && which(one));
            Assert.Equal((expected, expected == 7), (row.Predicted.Id, row.IsSame));
        }
    }

    // What the circuit copies stands at t: the row that leaves out all values loses it, and the row of the values
    // before t does not.
    [Fact]
    public void The_values_up_to_t_have_that_at_t_and_those_before_t_do_not()
    {
        using var run = ConstructedRun.Load(CircuitModels.Induction(), folder.Root, device);
        PredictionOptions options = new() { Heads = [CircuitModels.Inductor] };
        var rows = PredictionTable.Run(run.Network, [new([3, 3, 3, 7, 7], 4)], options).Prompts.Single().Rows;
        var (all, earlier) = (
            rows.Single(row => row.Condition.Kind == PredictionConditionKind.LayerValues),
            rows.Single(row => row.Condition.Kind == PredictionConditionKind.EarlierValues));
        Assert.Equal(-rows[0].Predicted.Logit, all.LogitChange, Single);
        Assert.Equal(7, all.Fallen.Single(one => one.Change < -Single).Id);
        Assert.Equal(0, earlier.LogitChange, Single);
        Assert.True(earlier.IsSame);
    }

    // Both prompts run together; the logits of the second are not computed.
    [Fact]
    public void Is_stopped_between_the_logits_of_two_prompts()
    {
        using var stop = new CancellationTokenSource();
        var reports = new List<double>();
        var progress = new Told(done =>
        {
            reports.Add(done);
            // After both runs: the logits of the first prompt are there.
            if (done > 0.5)
                stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => PredictionTable.Run(
            model, [prompt, prompt], new() { Heads = [new(1, 0)] }, progress: progress, cancellation: stop.Token));
        Assert.Equal(0.75, reports[^1]);
    }

    [Fact]
    public void Conditions_come_in_their_order_with_a_row_for_each_layer()
    {
        PredictionOptions options = new() { Heads = [new(2, 1), new(1, 0), new(1, 5)] };
        var report = PredictionTable.Run(model, [prompt], options, cut =>
        {
            Assert.Equal(5, cut.Ids.Length);
            return [new("half of the MLP", [Intervention.Scale(InterventionTarget.At(
                model, Activation.MlpOutput, 2), 0.5f)]), new("nothing", [])];
        });
        Assert.False(report.AreChosen);
        Assert.Equal(
            [
                "baseline", "L1H0: outputs at t", "L1H5: outputs at t", "L2H1: outputs at t",
                "L1H0, L1H5, L2H1: outputs at t", "layer 1: values at t−1", "layer 2: values at t−1",
                "L1H0, L1H5, L2H1: values at t−1", "layer 1: values at t−1 and t−2",
                "layer 2: values at t−1 and t−2", "layer 1: values up to t", "layer 2: values up to t",
                "layer 1: values before t", "layer 2: values before t", "all layers: values up to t",
                "half of the MLP", "nothing",
            ],
            report.Prompts.Single().Rows.Select(row => row.Condition.Name));
        Assert.Equal("six tokens", report.Prompts.Single().Prompt.Label);
        var last = report.Prompts.Single().Rows[^1];
        Assert.Equal((true, 0, 0), (last.IsSame, last.LogitChange, last.Risen.Length + last.Fallen.Length));
        Assert.NotEqual(0, report.Prompts.Single().Rows[^2].LogitChange);
    }

    [Theory]
    [InlineData(0, "Heads LayerValues AllValues")]
    [InlineData(1, "Heads PreviousValues PreviousValuesOfHeads LayerValues EarlierValues AllValues")]
    [InlineData(
        2, "Heads PreviousValues PreviousValuesOfHeads TwoPreviousValues LayerValues EarlierValues AllValues")]
    public void Conditions_of_earlier_positions_are_there_where_the_positions_are(int position, string kinds)
    {
        PredictionOptions options = new() { Heads = [new(1, 0)] };
        var rows = PredictionTable.Run(model, [prompt with { Position = position }], options).Prompts.Single().Rows;
        Assert.Equal(kinds.Split(' '), rows.Skip(1).Select(row => $"{row.Condition.Kind}"));
        // Before the second token there is one position: to leave out t − 1 is to leave out all before t.
        if (position == 1)
            Assert.Equal(rows[2] with { Condition = rows[5].Condition }, rows[5]);
    }

    [Fact]
    public void A_condition_of_ones_own_with_the_same_interventions_gives_the_same_row()
    {
        PredictionOptions options = new() { Heads = [new(1, 0)], Top = 5 };
        var rows = PredictionTable.Run(model, [prompt], options, _ =>
        [
            new("again", [Intervention.Zero(InterventionTarget.At(model, Activation.HeadOutput, 1, [0], [4]))]),
        ]).Prompts.Single().Rows;
        Assert.Equal(rows[1] with { Condition = rows[^1].Condition }, rows[^1]);
    }

    [Fact]
    public void Masked_ids_are_neither_predicted_nor_listed()
    {
        PredictionOptions options = new() { Heads = [new(1, 0)], Top = 30 };
        var rows = PredictionTable.Run(model, [prompt], options).Prompts.Single().Rows;
        int[] likeliest = [rows[0].Predicted.Id, rows[1].Risen[0].Id, rows[1].Fallen[0].Id];
        var masked = PredictionTable.Run(model, [prompt], options with { Masked = [.. likeliest] }).Prompts.Single();
        Assert.All(masked.Rows, row =>
        {
            Assert.DoesNotContain(row.Predicted.Id, likeliest);
            Assert.DoesNotContain(row.Risen.Concat(row.Fallen), one => likeliest.Contains(one.Id));
        });
        // The measure of the whole prediction does not depend on what is shown.
        Assert.Equal(rows.Select(row => row.Divergence), masked.Rows.Select(row => row.Divergence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Prompts_together_have_the_tables_of_each_alone(bool chooses)
    {
        PredictionPrompt[] prompts =
        [
            prompt, new([.. tiny.Prompt(9, 3)], 8), new([.. tiny.Prompt(1, 4)], 0), new([.. tiny.Prompt(3, 5)], 1),
            new([.. tiny.Prompt(280, 6)], 270), new([.. tiny.Prompt(7, 7)], 6),
        ];
        PredictionOptions options = new() { Top = 7 };
        if (!chooses)
            options = options with { Heads = [new(1, 0), new(2, 3)] };
        var report = PredictionTable.Run(model, [.. prompts], options);
        foreach (var (one, together) in prompts.Zip(report.Prompts))
            Assert.Equal(
                PredictionTable.Run(model, [one], options with { Heads = report.Heads }).Prompts.Single(), together);
    }

    // Norms, products and logits of a layer are computed once for all prompts that run together.
    [Fact]
    public void Short_prompts_share_products()
    {
        var watched = new WatchedDevice();
        using var shared = tiny.On(watched);
        PredictionOptions options = new() { Heads = [new(1, 0)] };
        var (one, four) = (Products([prompt]), Products([prompt, prompt, prompt, prompt]));
        // The logits are computed prompt by prompt.
        Assert.Equal(one + 3, four);

        int Products(ImmutableArray<PredictionPrompt> prompts)
        {
            watched.Operations.Clear();
            PredictionTable.Run(shared, prompts, options);
            return watched.Operations.Count(name => name == "Linear");
        }
    }

    [Fact]
    public void Progress_goes_from_the_first_run_to_the_last()
    {
        var seen = new List<double>();
        PredictionTable.Run(model, [prompt, prompt], progress: new Told(seen.Add));
        // Runs and logits of both prompts, first to find the heads.
        Assert.All((double[])[0.25, 0.375, 0.5, 0.75, 0.875, 1], done => Assert.Contains(done, seen));
        Assert.Equal(seen.Order(), seen);
        Assert.InRange(seen.Count(done => done < 0.25), 3, 100);
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        Refused("There is no prompt, expected one or more.", [], new());
        Refused("Prompt 2 has position 6, expected 0 to 5.", [prompt, prompt with { Position = 6 }], new());
        Refused("Heads has L3H0, expected heads up to L2H5.", [prompt], new() { Heads = [new(3, 0)] });
        Refused("Heads has a head twice, expected each once.", [prompt], new() { Heads = [new(1, 0), new(1, 0)] });
        Refused("Masked has 97, expected tokens from 0 to 96.", [prompt], new() { Masked = [97] });
        Refused(
            "Masked has every token, expected that one is left.", [prompt],
            new() { Masked = [.. Enumerable.Range(0, 97)] });
        Assert.Throws<ArgumentOutOfRangeException>(() => PredictionTable.Run(model, [prompt], new() { Top = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => PredictionTable.Run(model, [prompt], new() { ChosenHeads = 0 }));

        void Refused(string message, ImmutableArray<PredictionPrompt> prompts, PredictionOptions options) =>
            Assert.Equal(
                message,
                Assert.Throws<ArgumentException>(() => PredictionTable.Run(model, prompts, options)).Message);
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        folder.Dispose();
        device.Dispose();
    }

    sealed class Told(Action<double> tell) : IProgress<double>
    {
        public void Report(double value) => tell(value);
    }
}
