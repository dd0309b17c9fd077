using RatIlgpu.Devices;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class FlowTracerTests : DemoModelTraces
{
    // Sums in another order, and positions that are turned by other angles.
    const double Rounding = 1e-5;

    FlowTracer Tracer => new(model);

    ImmutableArray<int> PromptIds => model.Tokenizer.Encode(Prompt).Ids;

    [Fact]
    public void A_result_says_what_it_is_of()
    {
        var found = Tracer.TraceText(Prompt);
        Assert.Equal((13, 0, 3), (found.TargetPosition, found.Options.FromLayer.Value, found.Options.ToLayer.Value));
        Assert.Equal(new TracedModel(model.Name, 4, 8), found.Model);
        Assert.Equal(PromptIds, found.Tokens.Select(token => token.Id));
        Assert.Equal(14, found.PromptLength);
        Assert.Equal(1, found.Shares.Sum(), Rounding);
        Assert.Equal(5, found.Paths.Length);
        Assert.Equal(FlowText.FormatAll(found.Paths, found.Tokens), found.PathTexts);
        Assert.Equal(found.Paths.Sum(path => path.Probability), found.PathShare);
        Assert.Empty(found.Notices);
    }

    [Theory]
    [InlineData(FlowMethod.Norm)]
    [InlineData(FlowMethod.Rollout)]
    public void Several_positions_have_what_each_has_alone(FlowMethod method)
    {
        var options = new FlowOptions { Method = method, FromLayer = 1 };
        var all = Tracer.TraceEach(PromptIds.AsSpan(), [^1, 2, ^1, 7], options);
        Assert.Equal([2, 7, 13], all.Select(one => one.TargetPosition));
        foreach (var one in all)
        {
            var alone = Tracer.Trace(PromptIds.AsSpan(), options with { TargetPosition = one.TargetPosition });
            Assert.Equal(alone.Options, one.Options);
            Assert.Equal(alone.PathTexts, one.PathTexts);
            Near(alone.Shares, one.Shares);
        }
    }

    [Fact]
    public void Every_device_finds_the_same()
    {
        using var plain = new PlainDevice();
        using var slow = LanguageModel.Load(DemoModel.Folder, plain);
        foreach (var method in Enum.GetValues<FlowMethod>())
        {
            var (expected, found) = (
                new FlowTracer(slow).TraceText(Prompt, new() { Method = method }),
                Tracer.TraceText(Prompt, new() { Method = method }));
            Near(expected.Shares, found.Shares);
            Assert.Equal(expected.Paths.Select(path => path.Positions), found.Paths.Select(path => path.Positions));
        }
    }

    [Fact]
    public void A_prompt_of_one_token_has_one_path()
    {
        var found = Tracer.Trace([PromptIds[0]], new() { FromLayer = 2, ToLayer = 3 });
        Assert.Equal([1.0], found.Shares);
        Assert.Equal([0, 0, 0], found.Paths.Single().Positions);
        Assert.Equal(["When (probability: 1)"], found.PathTexts);
    }

    // Layers run in blocks of 256 positions, and rows are made of one block after the other.
    [Fact]
    public void A_long_prompt_has_the_shares_of_whole_layers()
    {
        using var tiny = new TinyQwen2(TinyQwen2.Mistral with { SlidingWindow = 300, LayerCount = 2 });
        using var network = tiny.On(device);
        var ids = tiny.Prompt(600);
        foreach (var method in Enum.GetValues<FlowMethod>())
        {
            var options = new FlowOptions { Method = method, TopK = 3 };
            ImmutableArray<int> targets = [255, 256, 301, 599];
            var blocks = FlowRun.Of(network, ids, targets, options.Resolve(600, 2), null, default);
            // A query that sees no key makes the run whole; no other sees it either.
            var whole = FlowRun.Of(
                network, [ids[0], .. ids], [.. targets.Select(one => one + 1)],
                (options with { AttentionMask = [0, .. Enumerable.Repeat(1, 600)] }).Resolve(601, 2), null, default);
            foreach (var (expected, found) in whole.Zip(blocks))
            {
                Assert.Equal(0, expected.Shares[0]);
                Near([.. expected.Shares.Skip(1)], found.Shares);
            }
        }
    }

    [Fact]
    public void Padding_before_a_prompt_changes_nothing()
    {
        var padded = Tracer.Trace(
            [5, 5, .. PromptIds], new() { AttentionMask = [0, 0, .. Enumerable.Repeat(1, PromptIds.Length)] });
        var found = Tracer.Trace(PromptIds.AsSpan());
        Near([0, 0, .. found.Shares], padded.Shares);
        Assert.Equal(
            found.Paths.Select(path => string.Join(' ', path.Positions.Select(position => position + 2))),
            padded.Paths.Select(path => string.Join(' ', path.Positions)));
    }

    [Fact]
    public void A_head_without_values_brings_nothing()
    {
        ImmutableArray<int> all = [.. Enumerable.Range(0, 8)];
        Intervention Without(int layer, Activation activation, KeyValueScope scope) => Intervention.Zero(
            InterventionTarget.At(model.Network, activation, layer, all, scope: scope));
        var options = new FlowOptions
        {
            Interventions =
            [
                .. Enumerable.Range(0, 4).Select(layer => Without(layer, Activation.Value, KeyValueScope.QueryHead)),
            ],
        };
        var found = Tracer.TraceText(Prompt, options);
        Assert.Equal(1, found.Shares[^1]);
        Assert.Equal(4, found.Interventions.Length);
        Assert.Empty(found.Options.Interventions);
    }

    [Fact]
    public void A_key_that_one_head_sees_otherwise_changes_the_flow()
    {
        var changed = Intervention.Zero(InterventionTarget.At(
            model.Network, Activation.Key, 2, [1], scope: KeyValueScope.QueryHead));
        foreach (var method in Enum.GetValues<FlowMethod>())
        {
            var (usual, found) = (
                Tracer.TraceText(Prompt, new() { Method = method }),
                Tracer.TraceText(Prompt, new() { Method = method, Interventions = [changed] }));
            Assert.NotEqual(usual.Shares, found.Shares);
            Assert.Equal(1, found.Shares.Sum(), Rounding);
        }
    }

    [Fact]
    public void Interventions_that_no_part_has_are_refused()
    {
        Intervention At(Activation activation, int layer) =>
            Intervention.Scale(InterventionTarget.At(model.Network, activation, layer), 2);
        foreach (var activation in (Activation[])
            [Activation.Pattern, Activation.HeadOutput, Activation.AttentionOutput, Activation.ResidualMiddle])
        {
            Assert.Contains(
                "what attention brings from each position would not add up to the stream",
                Refusal(new() { FromLayer = 1, Interventions = [At(activation, 1)] }), StringComparison.Ordinal);
            Tracer.TraceText(Prompt, new() { FromLayer = 1, Interventions = [At(activation, 0)] });
        }

        Assert.Contains(
            "the flow ends in layer 1, before the run comes there",
            Refusal(new() { ToLayer = 1, Interventions = [At(Activation.MlpOutput, 1)] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_is_wrong_with_the_options()
    {
        Assert.Equal(
            "TopBeam is 0, expected at least 1. (Parameter 'TopBeam')", Refusal(new() { TopBeam = 0 }));
        Assert.Equal(
            "MinShare is 1.5, expected 0 to 1. (Parameter 'MinShare')", Refusal(new() { MinShare = 1.5 }));
        Assert.Equal(
            "ToLayer is 4, expected ^4 to 3 for a model of 4 layers. (Parameter 'ToLayer')",
            Refusal(new() { ToLayer = 4 }));
        Assert.Equal(
            "The first layer of a flow is 3 and the last is 1: the first must not come after the last.",
            Refusal(new() { FromLayer = 3, ToLayer = 1 }));
        Assert.Equal(
            "The target, position 1, is padding, through which nothing flows: name a token.",
            Refusal(new() { TargetPosition = 1, AttentionMask = [1, 0, .. Enumerable.Repeat(1, 12)] }));
        Assert.Equal("7 is no method of a flow. (Parameter 'Method')", Refusal(new() { Method = (FlowMethod)7 }));
        Assert.Equal(
            "There is no position to trace: at least one is needed.",
            Assert.Throws<ArgumentException>(() => Tracer.TraceEach([1], [])).Message);
        Assert.Equal(
            "A flow from position 8192 holds two squares of 8193 tokens in memory, expected at most 8192 tokens: trace "
            + "an earlier position, or a shorter prompt.",
            Assert.Throws<ArgumentException>(
                () => Tracer.Trace(new int[9000], new() { TargetPosition = 8192 })).Message);
    }

    [Fact]
    public void Stops_when_it_is_cancelled() => Assert.Throws<OperationCanceledException>(
        () => Tracer.TraceText(Prompt, null, new CancellationToken(canceled: true)));

    string Refusal(FlowOptions options) =>
        Assert.ThrowsAny<ArgumentException>(() => Tracer.TraceText(Prompt, options)).Message;

    static void Near(IEnumerable<double> expected, IEnumerable<double> found)
    {
        Assert.Equal(expected.Count(), found.Count());
        foreach (var (left, right) in expected.Zip(found))
            Assert.Equal(left, right, Rounding);
    }
}
