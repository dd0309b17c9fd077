using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

/// <summary>Studies of samples that run together tell how far they are before the last of these is done.</summary>
public sealed class ConditionProgressTests : IDisposable
{
    readonly TinyQwen2 tiny = new();
    readonly CpuDevice device = new();
    readonly Qwen2Model model;
    readonly ImmutableArray<AblationSample> samples;
    readonly Listener told = new();

    public ConditionProgressTests()
    {
        model = tiny.On(device);
        samples = [new([.. tiny.Prompt(12)], 4), new([.. tiny.Prompt(9, seed: 8)], 7), new([.. tiny.Prompt(15, 9)], 3)];
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Heads_that_are_taken_away()
    {
        AblationStudy.Run(model, samples, new() { Layer = 1, ShownSamples = 0 }, told);
        // The runs are the first half, then come the logits of each sample.
        Moves(before: 0.5);
        Assert.Equal([2 / 3.0, 5 / 6.0, 1], told.All.Where(share => share > 0.5), (one, two) => one - two < 1e-12);
    }

    [Fact]
    public void Values_that_are_redundant()
    {
        RedundancyStudy.Run(model, samples, [new(1, 0)], progress: told);
        Moves(before: 1);
    }

    [Fact]
    public void Distances_to_which_heads_look()
    {
        AttentionComparison.Run(
            model, samples, new() { Layer = 0, Kinds = [AblationKind.Zero] }, most: 3, progress: told);
        Moves(before: 1);
    }

    [Fact]
    public void Nobody_need_listen() => Assert.NotEmpty(
        AblationStudy.Run(model, samples, new() { Layer = 1, ShownSamples = 0 }).Conditions);

    // A sample is a third.
    void Moves(double before)
    {
        Assert.Equal(told.All.Order(), told.All);
        Assert.Equal(1, told.All[^1]);
        Assert.InRange(told.All.Count(share => share < before), 4, 1000);
        Assert.InRange(told.All[0], double.Epsilon, 0.3);
    }

    sealed class Listener : IProgress<double>
    {
        public List<double> All { get; } = [];

        public void Report(double value) => All.Add(value);
    }
}
