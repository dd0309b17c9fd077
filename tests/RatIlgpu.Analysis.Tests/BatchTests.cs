using System.Runtime.CompilerServices;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis.Tests;

public sealed class BatchTests : IDisposable
{
    readonly PatchingCase on = new();

    public void Dispose() => on.Dispose();

    [Fact]
    public void Mean_and_spread_are_those_of_a_sample()
    {
        Assert.Equal(new(3, Math.Sqrt(((2 * 2) + 0 + (2 * 2)) / 2.0), 3), MeanAndSpread.Of(1, null, 3, 5));
        Assert.Equal(new(4, double.NaN, 1), MeanAndSpread.Of(4, null));
        Assert.Equal(new(double.NaN, double.NaN, 0), MeanAndSpread.Of());
        Assert.Equal(double.NegativeInfinity, MeanAndSpread.Of(double.NegativeInfinity, 1).Mean);
        Assert.Equal("1.5 ± 0.5 (2)", new MeanAndSpread(1.5, 0.5, 2).ToString());
    }

    [Fact]
    public void An_array_of_attributions_has_components_prompts_and_positions()
    {
        var batch = new LogitAttributor(on.Model).AttributeAll(
        [
            new(on.Pair.Clean) { Target = new(11, 12), Positions = [2, ^1] },
            new(on.Pair.Corrupted) { Target = new(3), Positions = [2, ^1] },
            new([5, 6, 7]) { Target = new(3), Positions = [2, ^2] },
        ]);
        var array = batch.ToArray();
        Assert.Equal(["component", "prompt", "position"], array.Axes.Select(axis => axis.Name));
        Assert.Equal(
            ["embed", "0_attn_out", "0_mlp_out", "1_attn_out", "1_mlp_out", "2_attn_out", "2_mlp_out", "rounding"],
            array.Axes[0].Labels);
        Assert.Equal(["1", "2", "3"], array.Axes[1].Labels);
        Assert.Equal(["2", "#2"], array.Axes[2].Labels);
        for (var component = 0; component < 8; component++)
            for (var prompt = 0; prompt < 3; prompt++)
                for (var position = 0; position < 2; position++)
                    Assert.Equal(
                        batch.Attributions[prompt][position].Terms[component].Value,
                        array[component, prompt, position]);
        Assert.Equal((6, 7, 1), (
            batch.Mean[0].Value.Count, batch.Attributions[0][1].Position, batch.Attributions[2][1].Position));
    }

    [Fact]
    public void Positions_are_labelled_by_their_numbers_where_prompts_share_them_else_as_they_were_asked()
    {
        Assert.Equal(["^1"], Labels([1, 2], [1, 2, 3]));
        Assert.Equal(["2"], Labels([1, 2, 3], [4, 5, 6]));
        Assert.Equal(["1"], Labels([1, 2]));

        IEnumerable<string> Labels(params IEnumerable<ValueArray<int>> prompts) => new LogitAttributor(on.Model)
            .AttributeAll([.. prompts.Select(ids => new AnalysisPrompt(ids) { Target = new(3) })])
            .ToArray().Axes[2].Labels;
    }

    [Fact]
    public void One_prompt_may_have_a_target_at_each_position()
    {
        LogitTarget[] targets = [new(3), new(11, 12), new(3)];
        AnalysisPrompt prompt = new(on.Pair.Clean) { Targets = [.. targets], Positions = [2, 5, ^1] };
        var attributor = new LogitAttributor(on.Model);
        var batch = attributor.AttributeAll([prompt]);
        foreach (var (place, found) in Assert.Single(batch.Attributions).Index())
        {
            var (target, position) = (targets[place], prompt.Positions[place]);
            var alone = attributor.Attribute(prompt.TokenIds, target, position);
            Assert.Equal((target, alone.Measured), (found.Target, found.Measured));
            Assert.Equal(alone.Terms, found.Terms);
        }

        Assert.Equal([["1"], ["2", "5", "7"]], batch.ToArray().Axes[1..].Select(axis => axis.Labels.ToArray()));
        var reading = Assert.Single(new LogitLens(on.Model).ReadAll([prompt], new() { Tokens = [7] }).Prompts);
        foreach (var state in reading.States)
            Assert.Equal(
                state.Position == 5 ? [11, 12, 7] : [3, 7], state.Tokens.Select(token => token.Id));
        Assert.Equal(3 * 7, reading.States.Length);
    }

    [Fact]
    public void There_are_as_many_targets_as_positions()
    {
        AnalysisPrompt prompt = new([1, 2, 3]) { Targets = [new(3), new(4)] };
        foreach (var call in Calls(prompt))
            Fails("The prompt has 2 targets for 1 positions, expected one for each.", call);
        foreach (var call in Calls(prompt with { Target = new(3), Positions = [0, 1] }))
            Fails("The prompt has a target for all positions and a target for each, expected one of the two.", call);

        IEnumerable<Func<object>> Calls(AnalysisPrompt one) =>
        [
            () => new LogitAttributor(on.Model).AttributeAll([one]), () => new LogitLens(on.Model).ReadAll([one]),
        ];
    }

    [Fact]
    public void A_batch_does_not_hold_the_recordings_that_it_read()
    {
        var (results, recording) = Read(on.Model, on.Pair.Clean);
        GC.Collect();
        Assert.False(recording.TryGetTarget(out _));
        GC.KeepAlive(results);

        // A method of its own: here nothing else holds the recording.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static (object[] Results, WeakReference<Recording> Recording) Read(Qwen2Model model, ValueArray<int> ids)
        {
            var pattern = new PatchTarget(Activation.Pattern, PatchAxes.Head);
            var run = new Recorder(model).Record(
                ids,
                [
                    .. Enum.GetValues<Activation>().Select(activation => new Capture(activation)),
                ]);
            AnalysisPrompt[] prompts = [AnalysisPrompt.Of(run) with { Target = new(3) }];
            PatchCase[] cases = [new(PromptPair.Of(run, run), PatchingCase.Metric)];
            return (
                [
                    new LogitAttributor(model).AttributeAll(prompts), new LogitLens(model).ReadAll(prompts),
                    HeadPatternDetector.ScoreAll(model, prompts, HeadPatternKind.PreviousToken),
                    new ActivationPatching(model).SweepPairs(cases, pattern),
                    new DirectPathPatching(model).SweepPairs(cases, null, HeadInput.Key),
                ],
                new(run));
        }
    }

    [Fact]
    public void A_batch_that_is_cancelled_in_the_middle_stops()
    {
        using var stop = new CancellationTokenSource();
        var told = new List<double>();
        var listener = new Listener(share =>
        {
            told.Add(share);
            stop.Cancel();
        });

        // Each prompt has a run of its own, so that there is a middle.
        AnalysisPrompt prompt = new([.. Enumerable.Range(0, 200).Select(i => i % 30)]) { Target = new(3) };
        AnalysisPrompt[] prompts = [prompt, prompt, prompt];
        Assert.Throws<OperationCanceledException>(() =>
            new LogitAttributor(on.Model) { Progress = listener }.AttributeAll(prompts, null, stop.Token));
        Assert.Equal([1 / 3.0], told);

        using var early = new CancellationTokenSource();
        using var runs = new Recorder(on.Model).RecordAll(
            [.. prompts.Select(one => new RecordedPrompt(one.TokenIds))],
            [new(Activation.Embedding)],
            cancellation: early.Token).GetEnumerator();
        Assert.True(runs.MoveNext());
        early.Cancel();
        Assert.Throws<OperationCanceledException>(() => runs.MoveNext());

        using var second = new CancellationTokenSource();
        var steps = new Steps(done => (done == 20 ? second : null)?.Cancel());
        PatchCase one = new(on.Pair, PatchingCase.Metric);
        var patching = new ActivationPatching(on.Model) { Progress = steps };
        Assert.Throws<OperationCanceledException>(() => patching.SweepPairs(
            [one, one, one], new(Activation.HeadOutput, PatchAxes.Head), null, second.Token));
        Assert.InRange(steps.All.Count, 20, 35);
    }

    [Fact]
    public void An_absent_mask_and_an_empty_one_are_taken_alike_everywhere()
    {
        // The default value is no mask, as in a trace; a mask that was made without entries does not fit.
        ValueArray<int> none = default;
        Assert.Null(new AnalysisPrompt([1]) { AttentionMask = none }.AttentionMask);
        Assert.Null(new RecordedPrompt([1]) { AttentionMask = none }.AttentionMask);
        Assert.Null(new RecordingOptions { AttentionMask = none }.AttentionMask);
        Assert.Null(new TracePrompt([1]) { AttentionMask = none }.AttentionMask);
        Assert.Null(new PromptPair([1], [2], none).AttentionMask);
        Assert.Equal(
            PatchingCase.Metric.Measure(on.Model, [1, 2]), PatchingCase.Metric.Measure(on.Model, [1, 2], [], none));
        Assert.Null(new Recorder(on.Model).Record(
            [1], [new(Activation.Logits)], new() { AttentionMask = none }).AttentionMask);
        ImmutableArray<Capture> captures = [new(Activation.Logits)];
        foreach (var call in new Action[]
        {
            () => new Recorder(on.Model).Record([1], captures, new() { AttentionMask = [] }),
            () => new Recorder(on.Model).RecordAll([new([1]) { AttentionMask = [] }], captures).First(),
            () => new LogitLens(on.Model).ReadAll([new([1]) { AttentionMask = [] }]),
            () => PatchingCase.Metric.Measure(on.Model, [1], [], ValueArray.Create<int>([])),
            () => _ = new PromptPair([1], [2], ValueArray.Create<int>([])),
        })
            Assert.Contains(
                "The attention mask has 0 entries, expected 1", Assert.Throws<ArgumentException>(call).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_do_not_mean_the_same_have_no_mean()
    {
        AnalysisPrompt[] prompts = [new([1, 2]) { Target = new(3) }, new([1, 2, 3]) { Target = new(3) }];
        var attributor = new LogitAttributor(on.Model);
        var bySource = attributor.AttributeAll(prompts, new() { Unit = AttributionUnit.HeadBySource });
        Assert.Empty(bySource.Mean);
        Assert.Throws<InvalidOperationException>(() => bySource.ToArray());
        var uneven = attributor.AttributeAll([prompts[0] with { Positions = [0, 1] }, prompts[1]]);
        Assert.Equal(3, uneven.Measured.Count);
        Assert.Throws<InvalidOperationException>(() => uneven.ToArray());
    }

    [Fact]
    public void A_lens_follows_the_target_of_each_prompt_and_compares_it_state_by_state()
    {
        var direction = new StreamDirection([.. Enumerable.Range(0, 40).Select(i => i / 40.0)]);
        var lens = new LogitLens(on.Model);
        var batch = lens.ReadAll(
            [new([1, 2, 3]) { Target = new(4, 5) }, new([6, 7]) { Target = new(8, 9) }],
            new() { Tokens = [11], Directions = [direction] });
        Assert.Equal([4, 5, 11], batch.Prompts[0].States[0].Tokens.Select(token => token.Id));
        Assert.Equal([8, 9, 11], batch.Prompts[1].States[0].Tokens.Select(token => token.Id));
        foreach (var (place, mean) in batch.Mean.Index())
        {
            LensState[] states = [.. batch.Prompts.Select(prompt => prompt.States[place])];
            Assert.All(states, state => Assert.Equal(mean.State, state.State));
            Assert.Equal(
                MeanAndSpread.Of(states.Select(state => (double?)state.Tokens[1].Rank)), mean.Followed[1].Rank);
            Assert.Equal(
                MeanAndSpread.Of(states.Select(state => (double?)state.Projections[0].Value)), mean.Projections[0]);
            Assert.Equal(MeanAndSpread.Of(states.Select(state => (double?)state.Entropy)), mean.Entropy);
            Assert.Equal(MeanAndSpread.Of(states.Select(state => (double?)state.KlDivergence)), mean.KlDivergence);
        }

        // One prompt follows a token, the other reads a direction in its place.
        var mixed = lens.ReadAll([new([1]) { Target = new(4) }, new([1]) { Target = new(direction) }]);
        Assert.All(mixed.Mean, mean => Assert.Empty(mean.Followed));
    }

    [Fact]
    public void A_prompt_of_a_batch_may_be_padded()
    {
        AnalysisPrompt plain = new([4, 5, 6]) { Target = new(3) };
        AnalysisPrompt padded = new([0, 0, 4, 5, 6]) { Target = new(3), AttentionMask = [0, 0, 1, 1, 1] };
        var found = new LogitAttributor(on.Model).AttributeAll([plain, padded]);
        Assert.Equal(
            found.Attributions[0][0].Measured, found.Attributions[1][0].Measured, PatchingCase.Tolerance);
        var read = new LogitLens(on.Model).ReadAll([plain, padded]).Prompts;
        Assert.Equal(
            read[0].States[^1].Tokens[0].Logit, read[1].States[^1].Tokens[0].Logit, PatchingCase.Tolerance);
        Assert.True(Math.Abs(found.Attributions[0][0].Measured) > 0.1);
        Assert.Equal([0, 0, 1, 1, 1], found.Attributions[1][0].AttentionMask!.Value);
        Assert.Equal(padded.AttentionMask, read[1].AttentionMask);
        Assert.Null(read[0].AttentionMask);
    }

    [Fact]
    public void A_batch_needs_prompts_and_targets_and_runs_of_its_own()
    {
        var attributor = new LogitAttributor(on.Model);
        Fails("There is no prompt: at least one is needed.", () => attributor.AttributeAll([]));
        Fails("There is no prompt: at least one is needed.", () => new LogitLens(on.Model).ReadAll([]));
        Fails("There is no prompt: at least one is needed.", () => new LensBatch());
        Fails(
            "Prompt 2 has no target, expected a token or a direction whose logit is explained.",
            () => attributor.AttributeAll([new([1]) { Target = new(3) }, new([1])]));
        var run = new Recorder(on.Model).Record([1, 2], LogitLens.Captures([^1]));
        Fails(
            "The run was recorded over other tokens than the prompt: 2, expected the 3 of the prompt.",
            () => new LogitLens(on.Model).ReadAll([new([1, 2, 3]) { Run = run }]));
        Fails(
            "The run was recorded with other padding than the prompt has, first at position 0.",
            () => new LogitLens(on.Model).ReadAll([AnalysisPrompt.Of(run) with { AttentionMask = [0, 1] }]));
    }

    [Fact]
    public void An_array_has_a_value_at_every_place()
    {
        LabelledArray array = new([new("row", ["a", "b"]), new("column", ["x", "y", "z"])], [1, 2, 3, 4, null, 6]);
        Assert.Equal((2.0, null, 6.0), (array[0, 1], array[1, 1], array[1, 2]));
        Assert.Equal(new(2, 3), array.Shape);
        Assert.Equal(6, LabelledArray.Stack(new("pair", ["0", "1"]), [array, array])[1, 1, 2]);
        Assert.Throws<ArgumentException>(() => array[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => array[0, 3]);
        Assert.Equal(
            "2 values were given for [3], expected 3.",
            Assert.Throws<ArgumentException>(() => new LabelledArray([new("row", ["a", "b", "c"])], [1, 2])).Message);
        Assert.Equal(
            "2 arrays were given for 1 labels, expected one for each label.",
            Assert.Throws<ArgumentException>(() => LabelledArray.Stack(new("pair", ["0"]), [array, array])).Message);
    }

    static void Fails(string message, Func<object> call) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => { call(); }).Message);

    sealed class Listener(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
