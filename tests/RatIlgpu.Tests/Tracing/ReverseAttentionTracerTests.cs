using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Tracing;

public sealed class ReverseAttentionTracerTests : DemoModelTraces
{
    [Fact]
    public void The_demonstration_model_looks_back_at_the_right_name()
    {
        var trace = tracer.TraceText(Prompt);
        Assert.Equal("When -> \" Mary\" -> \" to\" (score: -0.6809)", trace.PathTexts[0]);
        Assert.Equal((13, 3, 14, 5), (trace.TargetPosition, trace.Layer, trace.Tokens.Length, trace.Paths.Length));
        Assert.Empty(trace.Notices);
    }

    [Fact]
    public void The_likeliest_next_tokens_are_told()
    {
        var trace = tracer.TraceText(Prompt);
        using var logits = model.Network.Forward(model.Tokenizer.Encode(Prompt).Ids.AsSpan(), new() { LogitCount = 1 });
        var numbers = device.Download(logits);
        Assert.Equal(" Mary", trace.Predictions[0].Token.Text);
        Assert.Equal(5, trace.Predictions.Length);
        Assert.All(trace.Predictions, one => Assert.Equal(numbers[one.Token.Id], one.Logit));
        Assert.Equal(numbers.Max(), trace.Predictions[0].Logit);
        Assert.Equal(
            Math.Exp(trace.Predictions[0].Logit - trace.Predictions[4].Logit),
            trace.Predictions[0].Probability / trace.Predictions[4].Probability,
            1e-6);
        var sure = tracer.TraceText(Prompt, new() { Predictions = 1 << 20 }).Predictions;
        Assert.InRange(sure.Sum(one => one.Probability), 0.99, 1 + 1e-9);
        Assert.Empty(tracer.TraceText(Prompt, new() { Predictions = 0 }).Predictions);
    }

    [Fact]
    public void An_earlier_target_has_the_predictions_of_the_text_up_to_it()
    {
        var whole = tracer.TraceText(Prompt, new() { TargetPosition = 8 });
        Assert.Equal(tracer.Trace(model.Tokenizer.Encode(Prompt).Ids.AsSpan()[..9]).Predictions, whole.Predictions);
    }

    [Fact]
    public void A_model_under_intervention_can_be_traced()
    {
        var target = InterventionTarget.At(model.Network, Activation.HeadOutput, 1, [0]);
        var trace = tracer.TraceText(Prompt, new() { Interventions = [Intervention.Zero(target)] });
        Assert.Equal(["zero HeadOutput of layer 1, heads 0"], trace.Interventions);
        Assert.NotEqual(tracer.TraceText(Prompt).Paths, trace.Paths);
        Assert.NotEqual(tracer.TraceText(Prompt).Predictions, trace.Predictions);
        Assert.Empty(trace.Options.Interventions);
    }

    [Fact]
    public void A_BOS_token_beyond_the_vocabulary_is_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => tracer.TraceText(Prompt, new() { BosTokenId = model.Config.VocabularySize }));
        Assert.StartsWith("BosTokenId is 1350, expected 0 to 1349 for a vocabulary of 1350.", error.Message,
            StringComparison.Ordinal);
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
            ["The prompt has no BOS token 1347: no path ends at one."],
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
