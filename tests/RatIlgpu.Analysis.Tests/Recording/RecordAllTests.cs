using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class RecordAllTests : IDisposable
{
    // Queries, keys and values in three layers, gate and up in two; other products are added to the stream at once.
    const int Products = 3 * 3 + 2 * 2;

    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;
    readonly WatchedDevice watched;

    public RecordAllTests()
    {
        watched = new(device);
        model = tiny.On(watched);
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Prompts_of_few_tokens_share_a_run_which_starts_when_it_is_asked_for()
    {
        RecordedPrompt[] prompts = [.. new[] { 3, 200, 60, 4 }.Select(Prompt)];
        _ = ModelFingerprint.Of(model);
        watched.Operations.Clear();
        using var runs = new Recorder(model).RecordAll(prompts, [new(Activation.ResidualMiddle)]).GetEnumerator();
        Assert.Empty(watched.Operations);
        Assert.True(runs.MoveNext());
        Assert.Equal(1, Runs());
        Assert.True(runs.MoveNext());
        Assert.Equal(1, Runs());
        Assert.True(runs.MoveNext());
        Assert.Equal(2, Runs());
        Assert.Equal(60, runs.Current.TokenIds.Length);

        int Runs() => watched.Operations.Count(name => name == "Linear") / Products;
    }

    [Fact]
    public void A_recording_that_was_read_is_not_held_while_later_prompts_run()
    {
        // Both prompts share a run: nothing but the batch could hold the first once the second is read.
        var prompts = new Recorder(model).RecordAll([Prompt(3), Prompt(4)], [new(Activation.Embedding)]);
        using var runs = prompts.GetEnumerator();
        var first = Next(runs);
        Next(runs);
        GC.Collect();
        Assert.False(first.TryGetTarget(out _));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference<float[]> Next(IEnumerator<Recording> runs)
        {
            Assert.True(runs.MoveNext());
            Assert.True(MemoryMarshal.TryGetArray(runs.Current[Site.Embedding].Memory, out var numbers));
            return new(numbers.Array!);
        }
    }

    [Fact]
    public void A_batch_of_analyses_holds_no_recording_while_a_prompt_runs()
    {
        // So many tokens that each prompt has a run of its own.
        var read = new List<WeakReference<float[]>>();
        var alive = new List<int>();
        var listening = new ListeningDevice(() =>
        {
            GC.Collect();
            alive.Add(read.Count(one => one.TryGetTarget(out _)));
        });
        using var own = tiny.On(listening);
        int[] lengths = [200, 201, 202];
        AnalysisPrompt[] prompts = [.. lengths.Select(length => new AnalysisPrompt(Prompt(length).TokenIds))];
        AnalysisPrompt.ReadAll(own, prompts, _ => [new(Activation.Embedding)], Read, default);
        Assert.Equal(3, read.Count);
        Assert.Contains(0, alive);
        Assert.Equal(0, alive.Max());

        void Read(AnalysisPrompt prompt, Recording run)
        {
            Assert.Equal(prompt.TokenIds, run.TokenIds);
            Assert.True(MemoryMarshal.TryGetArray(run[Site.Embedding].Memory, out var numbers));
            read.Add(new(numbers.Array!));
        }
    }

    [Fact]
    public void Options_of_one_prompt_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new Recorder(model).RecordAll(
            [new([1])], [new(Activation.Logits)], new() { AttentionMask = [1] }));
        Assert.Equal(
            "The options of several prompts have a mask, a prompt length or a start: each prompt has its own mask and "
            + "prompt length, and a run from a recorded stream is recorded by itself.",
            error.Message);
        Assert.Equal(
            "PromptLength is 2, expected 1 to 1, the tokens. (Parameter 'options')",
            Assert.Throws<ArgumentOutOfRangeException>(() => new Recorder(model).RecordAll(
                [new([1]) { PromptLength = 2 }], [new(Activation.Logits)])).Message);
    }

    [Fact]
    public void Tells_how_far_all_prompts_have_come()
    {
        var told = new List<double>();
        var recorder = new Recorder(model) { Progress = new Listener(told.Add) };
        RecordedPrompt[] prompts = [Prompt(200), Prompt(200)];
        Assert.Equal(2, recorder.RecordAll(prompts, [new(Activation.Logits) { Positions = [^1] }]).Count());
        Assert.Equal(told.Order(), told);
        Assert.Contains(0.5, told);
        Assert.Equal(1, told[^1]);
    }

    // Tells of the start of each run.
    sealed class ListeningDevice(Action listener) : WatchedDevice
    {
        protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
        {
            listener();
            base.GatherCore(table, rows, result);
        }
    }

    RecordedPrompt Prompt(int length) => new([.. tiny.Prompt(length)]);

    sealed class Listener(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
