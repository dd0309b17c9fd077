using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>Recordings of a batch are those of each prompt alone, and a recorded run has the traces of a run.</summary>
[Properties(Arbitrary = [typeof(ModelCase), typeof(RecordedRunLaws)])]
public sealed class RecordedRunLaws : IDisposable
{
    // Attention of two orders of summation, and the bound that docs/numerics.md has for it.
    const double Attention = 2e-5;

    readonly CpuDevice device = new();
    readonly LanguageModel model;

    public RecordedRunLaws() => model = LanguageModel.Load(DemoModel.Folder, device);

    internal static Arbitrary<RecordedCase> Traced { get; } = Arb.From(
        from length in Gen.Choose(1, 40)
        from seed in Gen.Choose(0, 10000)
        select new RecordedCase(length, seed),
        some => some.Length > 1 ? [some with { Length = some.Length / 2 }] : []);

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Law(40)]
    public void A_recording_of_a_batch_is_that_of_its_prompt_alone(ModelCase some) => some.Holds((tiny, qwen, _) =>
    {
        var random = new Random(some.Seed);
        var recorder = new Recorder(qwen);
        var options = new RecordingOptions
        {
            Interventions =
                [Intervention.Scale(InterventionTarget.At(qwen, Activation.HeadOutput, 0), random.NextSingle())],
        };
        RecordedPrompt[] prompts =
            [.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Prompt(tiny, some, random))];
        var captures = Captures(random, ^1);
        foreach (var (prompt, found) in prompts.Zip(recorder.RecordAll(prompts, captures, options)))
            RecordingEquality.Same(
                recorder.Record(prompt.TokenIds, prompt.Captures ?? captures, options with
                {
                    AttentionMask = prompt.AttentionMask,
                    PromptLength = prompt.PromptLength,
                }),
                found);
    });

    [Law(60)]
    public void A_recorded_run_has_the_traces_of_a_run(RecordedCase some)
    {
        var random = new Random(some.Seed);
        int[] ids = [.. Enumerable.Range(0, some.Length).Select(_ => random.Next(model.Config.VocabularySize))];
        ImmutableArray<int>? mask = random.Next(2) == 0 ? null : [.. ids.Select(_ => random.Next(4) == 0 ? 0 : 1)];
        var options = new TraceOptions
        {
            TopBeam = 3,
            TopK = 3,
            Predictions = random.Next(3),
            Weights = (AttentionWeights)random.Next(4),
        };
        var axes = new TraceAxes
        {
            Positions = some.Length == 1 ? [0] : [^1, random.Next(some.Length - 1)],
            Layers = [random.Next(3), ^1],
            Heads =
            [
                options.Weights == AttentionWeights.Contribution ? HeadAggregation.MeanOf(1, 5) : HeadAggregation.Max,
                HeadAggregation.Head(random.Next(8)), HeadAggregation.Mean,
            ],
        };
        var tracer = new ReverseAttentionTracer(model);
        var live = tracer.TraceEach(ids, axes, options with { AttentionMask = mask });
        ImmutableArray<Capture> patterns = [new(Activation.Pattern), new(Activation.Value)];
        foreach (var captures in new[] { RecordedTrace.Captures(axes, options), patterns })
        {
            var run = new Recorder(model.Network).Record(ids, captures, new() { AttentionMask = mask });
            foreach (var (expected, found) in live.Zip(tracer.TraceRecording(run, axes, options)))
                Near(expected, found, isWhole: captures != patterns && !IsPadding(mask, expected.TargetPosition));
        }
    }

    static bool IsPadding(ImmutableArray<int>? mask, int position) => mask is { } given && given[position] == 0;

    // Paths that are nearly equal may change places: their scores do not.
    static void Near(TraceResult expected, TraceResult found, bool isWhole)
    {
        Assert.Equal(expected.Options, found.Options);
        Assert.Equal(expected.Tokens, found.Tokens);
        Assert.Equal(expected.Paths.Length, found.Paths.Length);
        Assert.Equal(expected.TargetAttention, found.TargetAttention, Close);
        Assert.Equal(
            expected.Paths.Select(path => Math.Exp(path.Score)), found.Paths.Select(path => Math.Exp(path.Score)),
            Close);
        if (isWhole)
            Assert.Equal(expected.Predictions, found.Predictions);

        static bool Close(double one, double other) => Math.Abs(one - other) <= Attention;
    }

    static RecordedPrompt Prompt(TinyQwen2 tiny, ModelCase some, Random random)
    {
        var ids = tiny.Prompt(random.Next(1, some.Length + 1), random.Next());
        return new([.. ids])
        {
            PromptLength = random.Next(2) == 0 ? null : random.Next(1, ids.Length + 1),
            AttentionMask = random.Next(2) == 0 ? null : [.. ids.Select(_ => random.Next(4) == 0 ? 0 : 1)],
            Captures = random.Next(2) == 0 ? null : Captures(random, random.Next(ids.Length)),
        };
    }

    // What comes after the intervention, at all positions or at one.
    static ImmutableArray<Capture> Captures(Random random, Index position) =>
    [
        .. Enum.GetValues<Activation>().Where(activation => activation != Activation.MlpOutput && random.Next(5) == 0)
            .Select(activation => new Capture(activation) { Positions = random.Next(2) == 0 ? null : [position] }),
        new(Activation.MlpOutput),
    ];

    /// <summary>A prompt to record and trace.</summary>
    public sealed record RecordedCase(int Length, int Seed);
}
