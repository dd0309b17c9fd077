using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Tracing;

public sealed class TraceAllTests : DemoModelTraces
{
    [Fact]
    public void Each_prompt_has_the_traces_that_it_has_alone()
    {
        TracePrompt[] prompts =
        [
            .. new[] { 1, 4, 300, 64, 64, 64, 64, 255, 2 }.Select(PromptOf),
            PromptOf(9) with { Positions = [0, 4], PromptLength = 7 },
            PromptOf(6) with { AttentionMask = [0, 0, 1, 1, 1, 1] },
        ];
        var axes = new TraceAxes { Layers = [1, ^1], Heads = [HeadAggregation.Mean, HeadAggregation.Head(3)] };
        var options = new TraceOptions
        {
            TopBeam = 3,
            Interventions =
                [Intervention.Scale(InterventionTarget.At(model.Network, Activation.HeadOutput, 1, [0]), 0.5f)],
        };
        var found = tracer.TraceAll(prompts, axes, options).ToList();
        Assert.Equal(prompts.Length, found.Count);
        foreach (var (index, (prompt, traces)) in prompts.Zip(found).Index())
            Assert.Equal(
                tracer.TraceEach(
                    prompt.Ids, axes with { Positions = prompt.Positions },
                    options with { AttentionMask = prompt.AttentionMask }).Select(one => one with
                    {
                        Prompt = index,
                        PromptLength = prompt.PromptLength ?? prompt.Ids.Length,
                    }),
                traces);
    }

    [Fact]
    public void A_batch_runs_when_its_first_result_is_asked_for()
    {
        var told = new List<double>();
        var reporting = new ReverseAttentionTracer(model) { Progress = new Listener(told.Add) };
        using var results = reporting.TraceAll([PromptOf(200), PromptOf(200), PromptOf(200)]).GetEnumerator();
        Assert.Empty(told);
        foreach (var share in (double[])[1 / 3.0, 2 / 3.0, 1])
        {
            Assert.True(results.MoveNext());
            Assert.Equal(share, told[^1], 1e-12);
        }

        Assert.False(results.MoveNext());
        Assert.Equal(told.Order(), told);
    }

    [Fact]
    public void What_does_not_fit_is_refused_before_anything_runs()
    {
        Assert.Equal(
            "The options of several prompts have a mask: each prompt has its own.",
            Refusal([PromptOf(1)], new() { AttentionMask = [1] }));
        Assert.Equal(
            "PromptLength is 3, expected 1 to 2, the tokens. (Parameter 'prompts')",
            Refusal([PromptOf(2) with { PromptLength = 3 }]));
        Assert.Equal("The prompt is empty: at least one token is needed.", Refusal([PromptOf(2), new([])]));
        Assert.Equal(
            "AttentionMask is for 1 token, but the prompt has 2 tokens. (Parameter 'AttentionMask')",
            Refusal([PromptOf(2) with { AttentionMask = [1] }]));

        string Refusal(TracePrompt[] prompts, TraceOptions? options = null) =>
            Assert.ThrowsAny<ArgumentException>(() => tracer.TraceAll(prompts, null, options)).Message;
    }

    [Fact]
    public void No_prompts_have_no_traces() => Assert.Empty(tracer.TraceAll([]));

    static TracePrompt PromptOf(int length)
    {
        var random = new Random(length);
        return new([.. Enumerable.Range(0, length).Select(_ => random.Next(300, 1300))]);
    }

    sealed class Listener(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
