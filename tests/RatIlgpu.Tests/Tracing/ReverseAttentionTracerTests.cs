using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Tracing;

public sealed class ReverseAttentionTracerTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly ReverseAttentionTracer tracer;

    public ReverseAttentionTracerTests()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        tracer = new(model);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void The_demonstration_model_looks_back_at_the_right_name()
    {
        var trace = tracer.TraceText(Prompt);
        Assert.Equal("When -> \" Mary\" -> \" to\" (score: -0.6809)", trace.PathTexts[0]);
        Assert.Equal((13, 3, 14, 5), (trace.TargetPosition, trace.Layer, trace.Tokens.Length, trace.Paths.Length));
        Assert.Equal(
            ["No BOS token was given, and Qwen2's tokenizer has none: paths run to the first token."], trace.Notices);
    }

    [Fact]
    public void The_target_pays_all_of_its_attention()
    {
        var trace = tracer.TraceText(Prompt);
        Assert.Equal(14, trace.TargetAttention.Length);
        Assert.InRange(trace.TargetAttention.Sum(), 1 - 1e-5, 1 + 1e-5);
        Assert.Equal(trace.TargetAttention[13], trace.SelfAttention[13]);
        Assert.Equal(trace.Sankey.Nodes.Select(node => node.Position), trace.SelfAttention.Keys);
    }

    [Fact]
    public void An_earlier_target_is_traced_as_if_the_text_ended_there()
    {
        var whole = tracer.TraceText(Prompt, new() { TargetPosition = 8 });
        var cut = tracer.Trace(model.Tokenizer.Encode(Prompt).Ids.AsSpan()[..9]);
        Assert.Equal(cut.Paths, whole.Paths);
    }

    [Fact]
    public void The_mean_of_all_heads_is_the_default()
    {
        var all = new TraceOptions { Heads = HeadAggregation.MeanOf(0, 1, 2, 3, 4, 5, 6, 7) };
        Assert.Equal(tracer.TraceText(Prompt).Paths, tracer.TraceText(Prompt, all).Paths);
    }

    [Fact]
    public void One_head_has_its_own_paths()
    {
        // Over random tokens, head 0 of layer 1 attends to the previous one.
        var random = new Random(3);
        var ids = Enumerable.Range(0, 24).Select(_ => random.Next(300, 1300)).ToArray();
        var trace = tracer.Trace(ids, new() { Layer = 1, Heads = HeadAggregation.Head(0), TopBeam = 1 });
        Assert.Equal(Enumerable.Range(0, 24).Reverse(), trace.Paths[0].Positions);
        Assert.All(trace.Paths[0].EdgeAttentions, attention => Assert.InRange(attention, 0.5, 1));
    }

    [Fact]
    public void Masked_tokens_are_on_no_path()
    {
        var trace = tracer.TraceText(Prompt, new() { AttentionMask = [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] });
        Assert.DoesNotContain(trace.Sankey.Nodes, node => node.Position < 2);
        Assert.All(trace.Paths, path => Assert.Equal(2, path.Positions[^1]));
    }

    [Fact]
    public void Paths_end_at_a_bos_token()
    {
        var bos = model.Tokenizer.Encode(Prompt).Ids[1];
        var stopping = tracer.TraceText(Prompt, new() { BosTokenId = bos });
        Assert.Contains(stopping.Paths, path => path.Positions.SequenceEqual([13, 1]));
        Assert.All(stopping.Paths, path => Assert.DoesNotContain(1, path.Positions[..^1]));
        Assert.Empty(stopping.Notices);
        var running = tracer.TraceText(Prompt, new() { BosTokenId = bos, StopAtBos = false });
        Assert.Equal(tracer.TraceText(Prompt).Paths, running.Paths);
        Assert.Empty(running.Notices);
        Assert.Equal(
            ["The prompt has no BOS token 1347: paths run to the first token."],
            tracer.TraceText(Prompt, new() { BosTokenId = 1347 }).Notices);
    }

    [Fact]
    public void A_target_without_predecessors_is_a_path_of_its_own()
    {
        var trace = tracer.TraceText(Prompt, new() { TargetPosition = 0 });
        Assert.Equal([0], Assert.Single(trace.Paths).Positions);
        Assert.Equal(["When (score: 0.0000)"], trace.PathTexts);
        Assert.Equal([1.0], trace.PathWeights);
    }

    [Fact]
    public void A_prompt_longer_than_the_model_was_made_for_is_traced_with_a_notice()
    {
        var ids = Enumerable.Repeat(model.Tokenizer.Encode(Prompt).Ids, 40).SelectMany(part => part).ToArray();
        var trace = tracer.Trace(ids);
        Assert.Contains(trace.Notices, notice => notice.Contains("beyond the 512 positions", StringComparison.Ordinal));
        Assert.Equal(5, trace.Paths.Length);
    }

    [Fact]
    public void A_cancelled_trace_stops()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => tracer.TraceText(Prompt, cancellation: stop.Token));
    }
}
