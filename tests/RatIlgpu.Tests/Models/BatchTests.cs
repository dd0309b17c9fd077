using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

public sealed class BatchTests : IDisposable
{
    readonly TinyQwen2 tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Prompts_share_every_product_and_only_attention_keeps_them_apart()
    {
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        model.RunAll([Prompt(4), Prompt(1), Prompt(7)], new());
        Assert.Equal(3 * 5 + 1, device.Operations.Count(name => name == "Linear"));
        Assert.Equal(3 * 3, device.Operations.Count(name => name == "Attend"));
        Assert.Equal(3 * 2 + 1, device.Operations.Count(name => name == "RmsNorm"));
    }

    // Their rows begin behind a cached prompt, and are of one branch and of two.
    [Fact]
    public void Streams_share_every_product_and_only_attention_keeps_them_apart()
    {
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        using var cache = new KeyValueCache(model.Config, device, 3);
        model.Run(tiny.Prompt(3), new() { Cache = cache });
        using var stream = device.Allocate(4, model.Config.HiddenSize);
        device.Fill(1, stream);
        device.Operations.Clear();
        model.RunAllFrom(
            new(Activation.ResidualBefore, 1),
            [new(stream) { Cache = cache }, new(stream) { Branches = 2 }, new(stream) { LogitPositions = [] }],
            new());
        Assert.Equal(2 * 5 + 1, device.Operations.Count(name => name == "Linear"));
        Assert.Equal(3 + 2, device.Operations.Count(name => name == "Attend"));
        Assert.Equal(2 * 2 + 1, device.Operations.Count(name => name == "RmsNorm"));
        Assert.Equal(3, cache.Count);
    }

    [Theory]
    [InlineData(new[] { 64, 64, 64, 64 }, 1)]
    [InlineData(new[] { 64, 64, 64, 64, 1 }, 2)]
    [InlineData(new[] { 300, 1, 300 }, 3)]
    [InlineData(new[] { 200, 100 }, 2)]
    public void As_many_run_together_as_make_products_fast(int[] lengths, int groups)
    {
        using var cpu = new CpuDevice();
        var device = new WatchedDevice(cpu);
        using var model = tiny.On(device);
        model.RunAll([.. lengths.Select(Prompt)], new() { StopAfter = Site.Embedding });
        Assert.Equal(groups, device.Operations.Count(name => name == "Gather"));
    }

    [Fact]
    public void Probes_that_look_at_other_activations_do_not_change_how_a_prompt_is_computed()
    {
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        var looking = new RecordingProbe(site => site.Activation == Activation.MlpOutput);
        model.RunAll([Prompt(3), Prompt(3) with { Probe = looking }, Prompt(2)], new());
        Assert.Equal(3, device.Operations.Count(name => name == "Gather"));
        Assert.Equal(3, looking.Shown.Count);
    }

    [Theory]
    [InlineData(true, new[] { 64, 64, 12 })]
    [InlineData(false, new[] { 140 })]
    public void Logits_of_many_positions_come_in_blocks_to_a_probe_that_takes_these(bool takesBlocks, int[] blocks)
    {
        using var model = tiny.On(new WatchedDevice());
        var all = new RecordingProbe(site => site == Site.Logits || site == Site.FinalNorm);
        model.RunAll([Prompt(140) with { Probe = all }], new() { ProbeTakesBlocks = takesBlocks });
        Assert.Equal(
            blocks.SelectMany(rows => ((Site, int)[])[(Site.FinalNorm, rows), (Site.Logits, rows)]),
            all.Shown.Select(one => (one.Site, one.Shape[0])));
        using var logits = model.Forward(tiny.Prompt(140));
        Assert.Equal(
            model.Device.Download(logits),
            all.Shown.Where(one => one.Site == Site.Logits).SelectMany(one => one.Numbers));
    }

    [Fact]
    public void A_batch_that_stops_at_the_final_norm_computes_no_logits()
    {
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        var probe = new RecordingProbe(site => site == Site.FinalNorm);
        var options = new ForwardOptions { ProbeTakesBlocks = true, StopAfter = Site.FinalNorm };
        model.RunAll([Prompt(140) with { Probe = probe }], options);
        Assert.Equal([64, 64, 12], probe.Shown.Select(one => one.Shape[0]));
        Assert.Equal(3 * 5, device.Operations.Count(name => name == "Linear"));
    }

    [Fact]
    public void Tells_how_far_all_prompts_have_come()
    {
        var told = new List<double>();
        using var model = tiny.On(new WatchedDevice());
        model.RunAll([Prompt(200), Prompt(200), Prompt(2)], new() { Progress = new Listener(told.Add) });
        Assert.Equal(told.Order(), told);
        Assert.Equal(1, told[^1]);
        Assert.Contains(told, share => Math.Abs(share - 200 / 402.0) < 1e-12);
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        using var model = tiny.On(new WatchedDevice());
        Assert.Equal(
            "The options of a batch have a probe, a mask or a cache: these belong to its prompts.",
            Refusal(new() { AttentionMask = [1] }, Prompt(1)));
        Assert.Equal("The prompt is empty: at least one token is needed.", Refusal(new(), Prompt(2), new([])));
        Assert.Equal(
            "The attention mask has 1 entries, expected 2, one per token.",
            Refusal(new(), Prompt(2) with { AttentionMask = [1] }));
        Assert.Equal(
            "LogitPositions has 1, expected 2 to 2, each above the last. (Parameter 'LogitPositions')",
            Refusal(new(), Prompt(3) with { LogitPositions = [1, 1] }));

        using var cache = new KeyValueCache(model.Config, model.Device, 1);
        Assert.Equal(
            "The prompts at 0 and 2 have the same cache, expected one for each prompt.",
            Refusal(new(), Prompt(3) with { Cache = cache }, Prompt(1), Prompt(3) with { Cache = cache }));

        string Refusal(ForwardOptions options, params BatchPrompt[] prompts) =>
            Assert.ThrowsAny<ArgumentException>(() => model.RunAll(prompts, options)).Message;
    }

    [Fact]
    public void Says_what_does_not_fit_of_streams()
    {
        using var model = tiny.On(new WatchedDevice());
        using var cache = new KeyValueCache(model.Config, model.Device, 1);
        using var stream = model.Device.Allocate(3, model.Config.HiddenSize);
        BatchStream one = new(stream);
        Assert.Equal(
            "The options of a batch have a probe, a mask or a cache: these belong to its prompts.",
            Refusal(new() { Cache = cache }, one));
        Assert.Equal(
            $"The stream is {stream.Shape}, which are not rows for each of 2 branches.",
            Refusal(new(), one, one with { Branches = 2 }));
        Assert.Equal(
            "The attention mask has 1 entries, expected 3, one per token.",
            Refusal(new(), one with { AttentionMask = [1] }));
        Assert.Equal(
            "LogitPositions has 3, expected 0 to 2, each above the last. (Parameter 'LogitPositions')",
            Refusal(new(), one with { LogitPositions = [3] }));
        Assert.Equal(
            "The streams at 0 and 1 have the same cache, expected one for each stream.",
            Refusal(new(), one with { Cache = cache }, one with { Cache = cache }));

        string Refusal(ForwardOptions options, params BatchStream[] streams) => Assert.ThrowsAny<ArgumentException>(
            () => model.RunAllFrom(new(Activation.ResidualBefore, 1), streams, options)).Message;
    }

    [Fact]
    public void A_run_without_logits_counts_its_positions_whoever_says_that_there_are_none()
    {
        using var model = tiny.On(new WatchedDevice());
        using var cache = new KeyValueCache(model.Config, model.Device, 1);
        model.RunAll(
            [new([.. tiny.Prompt(3)]) { Cache = cache, LogitPositions = [] }, new([.. tiny.Prompt(2)])],
            new() { StopAfter = Site.FinalNorm });
        Assert.Equal(3, cache.Count);
    }

    [Fact]
    public void No_prompts_are_no_run()
    {
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        model.RunAll([], new());
        Assert.Empty(device.Operations);
    }

    BatchPrompt Prompt(int length) => new([.. tiny.Prompt(length)]);

    sealed class Listener(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
