using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class AblatedRunsTests : IDisposable
{
    const double Rounding = 1e-4;

    readonly TinyQwen2 tiny = new();
    readonly CpuDevice device = new();
    readonly Qwen2Model model;
    readonly ImmutableArray<ScoredSequence> sequences;

    public AblatedRunsTests()
    {
        model = tiny.On(device);
        sequences =
        [
            ScoredSequence.OfLoss(tiny.Prompt(9), [3, 5, 8]),
            new([.. tiny.Prompt(12, seed: 8)], [new(11, 4, 7)]),
        ];
    }

    [Fact]
    public void Branches_are_full_runs_with_the_heads_set_to_zero()
    {
        ImmutableArray<ValueArray<HeadIndex>> sets =
            [[], [new(0, 1)], [new(0, 1), new(2, 5)], [new(2, 0)], [new(1, 3), new(1, 4)]];
        var found = new AblatedRuns(model, sequences).Measure(
            [.. sets.Select(set => new AblatedHeads(set, HeadAblation.Zero))]);
        foreach (var (number, set) in sets.Index())
            for (var place = 0; place < sequences.Length; place++)
                Assert.Equal(
                    FullRun(sequences[place], [.. set.Select(head => Intervention.Zero(Target(head)))]),
                    found[number][place], Rounding);
        Assert.NotEqual(found[0][0], found[1][0]);
    }

    [Fact]
    public void Means_are_those_of_all_positions_of_all_sequences()
    {
        var head = new HeadIndex(1, 3);
        var size = model.Config.HeadSize;
        var mean = new float[size];
        foreach (var sequence in sequences)
            foreach (var (place, number) in OutputOf(head, sequence).Index())
                mean[place % size] += number / sequences.Sum(one => one.Ids.Length);
        ActivationEdit put = (_, _, row) => mean.CopyTo(row);
        var found = new AblatedRuns(model, sequences).Measure([new([head], HeadAblation.Mean)]);
        for (var place = 0; place < sequences.Length; place++)
            Assert.Equal(
                FullRun(sequences[place], [Intervention.Edit(Target(head), put)]), found[0][place], Rounding);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        tiny.Dispose();
    }

    InterventionTarget Target(HeadIndex head) =>
        InterventionTarget.At(model, Activation.HeadOutput, head.Layer, [head.Head]);

    float[] OutputOf(HeadIndex head, ScoredSequence sequence)
    {
        var probe = new RatIlgpu.Testing.RecordingProbe(site => site == new Site(Activation.HeadOutput, head.Layer));
        model.Run(sequence.Ids.AsSpan(), new() { Probe = probe });
        var (shown, size) = (probe.Shown[0], model.Config.HeadSize);
        return [.. shown.Numbers.Chunk(size).Where((_, row) => row % model.Config.HeadCount == head.Head)
            .SelectMany(row => row)];
    }

    double FullRun(ScoredSequence sequence, ImmutableArray<Intervention> changes)
    {
        using var probe = new InterventionProbe(model, changes.AsSpan());
        using var logits = model.Forward(sequence.Ids.AsSpan(), new() { Probe = probe });
        var (numbers, width) = (device.Download(logits), model.Config.VocabularySize);
        return sequence.Scored.Average(one =>
        {
            var row = numbers.AsSpan(one.Position * width, width);
            var sum = 0.0;
            foreach (var number in row)
                sum += Math.Exp(number);
            return one.Other is { } other ? row[one.Token] - row[other] : Math.Log(sum) - row[one.Token];
        });
    }
}
