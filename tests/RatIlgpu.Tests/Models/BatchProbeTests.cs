using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

/// <summary>When the probes of a batch are called, and with what.</summary>
public sealed class BatchProbeTests : IDisposable
{
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public BatchProbeTests() => model = tiny.On(new CpuDevice());

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
    }

    [Fact]
    public void A_probe_begins_right_before_its_group_runs()
    {
        var calls = new List<string>();
        var lengths = new[] { 200, 3, 200, 2 };
        model.RunAll([.. lengths.Select((length, index) => Prompt(length, new Noted(index, calls)))], new());
        Assert.Equal(
            [
                "wants 0", "wants 1", "wants 2", "wants 3",
                "begin 0", "begin 1", "logits 0", "logits 1",
                "begin 2", "begin 3", "logits 2", "logits 3",
            ],
            calls);
    }

    [Fact]
    public void A_probe_of_two_prompts_is_refused()
    {
        var calls = new List<string>();
        Noted one = new(0, calls), other = new(1, calls);
        var error = Assert.Throws<ArgumentException>(
            () => model.RunAll([Prompt(1, other), Prompt(2, one), Prompt(3), Prompt(4, one)], new()));
        Assert.Equal("The prompts at 1 and 3 have the same probe, expected one for each prompt.", error.Message);
        Assert.Empty(calls);
    }

    [Fact]
    public void A_probe_is_told_at_which_positions_logits_are_computed()
    {
        Noted some = new(0, []), last = new(1, []), none = new(2, []), step = new(3, []);
        model.RunAll(
            [
                Prompt(9, some) with { LogitPositions = [2, 7] },
                Prompt(4, last),
                Prompt(3, none) with { LogitPositions = [] },
            ],
            new() { LogitCount = 2 });
        using var cache = new KeyValueCache(model.Config, model.Device, 1);
        model.Run(tiny.Prompt(3), new() { Cache = cache });
        model.Run(tiny.Prompt(2), new() { Cache = cache, Probe = step });
        Assert.Equal(
            ((int[][])[[2, 7], [2, 3], [], [3, 4]]).Select(positions => string.Join(' ', positions)),
            new[] { some, last, none, step }.Select(probe => string.Join(' ', probe.LogitPositions)));
    }

    BatchPrompt Prompt(int length, IProbe? probe = null) => new([.. tiny.Prompt(length)]) { Probe = probe };

    sealed class Noted(int index, List<string> calls) : IProbe
    {
        public ImmutableArray<int> LogitPositions { get; private set; } = [];

        public bool Wants(Site site)
        {
            if (site == Site.Logits)
                calls.Add($"wants {index}");
            return site == Site.Logits;
        }

        public void Begin(int firstPosition, int positionCount) => calls.Add($"begin {index}");

        public void BeginLogits(ImmutableArray<int> positions) => LogitPositions = positions;

        public void Show(Site site, Tensor activation, Device device) => calls.Add($"logits {index}");
    }
}
