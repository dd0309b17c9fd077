using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class PredictionComparisonTests : IDisposable
{
    // F32 logits, and sums in double in two orders.
    const double Rounding = 1e-12;

    // More conditions than a block has rows, so that a position goes on in the next block; the last has no run.
    const int Positions = 5, Conditions = 150;

    // So many tokens that rows are read on several threads.
    readonly TinyQwen2 tiny = new(TinyQwen2.Small with { VocabularySize = 2_111 });

    [Fact]
    public void Predictions_are_compared_position_by_position_from_the_start_of_each_condition()
    {
        using var device = new CpuDevice(2);
        using var model = tiny.On(device);
        var found = Compare(model, PredictionComparison.MostKept);
        var before = Logits(model, Numbers(0, 1));
        foreach (var (batch, start, seed) in Batches())
        {
            var after = Logits(model, Numbers(start, batch.Length, seed));
            foreach (var (branch, condition) in batch.Index())
                for (var place = 0; place < Positions; place++)
                {
                    var row = place < start ? before[place] : after[((place - start) * batch.Length) + branch];
                    Assert.Equal(Divergence(before[place], row), found.DivergencesOf(condition)[place], Rounding);
                    Assert.Equal(Array.IndexOf(row, row.Max()), found.PredictionsOf(condition)[place]);
                }
        }

        Assert.Equal(before.Select(row => Array.IndexOf(row, row.Max())), found.Baseline.ToArray());
        Assert.Equal(found.Baseline, found.PredictionsOf(Conditions - 1).AsSpan());
        Assert.Equal(new double[Positions], found.DivergencesOf(Conditions - 1));
    }

    [Fact]
    public void The_bits_are_the_same_for_every_number_of_threads_and_of_kept_norms()
    {
        var expected = Read(1, PredictionComparison.MostKept);
        Assert.Equal(expected, Read(2, PredictionComparison.MostKept));
        Assert.Equal(expected, Read(5, PredictionComparison.MostKept));
        Assert.Equal(expected, Read(2, 1));
        Assert.Equal(expected, Read(3, 4 * Positions * TinyQwen2.Small.HiddenSize));

        (ulong, int)[] Read(int threads, long mostKept)
        {
            using var device = new CpuDevice(threads);
            using var model = tiny.On(device);
            var found = Compare(model, mostKept);
            return
            [
                .. Enumerable.Range(0, Conditions).SelectMany(condition => found.DivergencesOf(condition)
                    .Select(BitConverter.DoubleToUInt64Bits).Zip(found.PredictionsOf(condition))),
            ];
        }
    }

    [Fact]
    public void The_baseline_is_unembedded_once_however_many_conditions_there_are()
    {
        using var device = new CountingDevice();
        using var model = tiny.On(device);
        Compare(model, PredictionComparison.MostKept);
        var rows = Positions + Batches().Sum(batch => batch.Conditions.Length * (Positions - batch.Start));
        Assert.Equal((long)rows * tiny.Config.HiddenSize * tiny.Config.VocabularySize, device.MultiplyAdds);
    }

    [Fact]
    public void Stops_between_two_blocks_of_logits()
    {
        using var device = new CountingDevice();
        using var model = tiny.On(device);
        using var stop = new CancellationTokenSource();
        var found = new PredictionComparison(
            model, Conditions, PredictedTokens.Without(model.Config.VocabularySize, []), cancellation: stop.Token);
        using (var baseline = Tensor(model, Numbers(0, 1)))
            found.Set(baseline);
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(found.Finish);
        Assert.Equal(0, device.MultiplyAdds);
    }

    public void Dispose() => tiny.Dispose();

    static IEnumerable<(ImmutableArray<int> Conditions, int Start, int Seed)> Batches() =>
    [
        ([3], 4, 1), ([0, 2, 1], 0, 2), ([.. Enumerable.Range(4, Conditions - 5)], 1, 3),
    ];

    PredictionComparison Compare(Qwen2Model model, long mostKept)
    {
        var found = new PredictionComparison(
            model, Conditions, PredictedTokens.Without(model.Config.VocabularySize, []), mostKept);
        using (var baseline = Tensor(model, Numbers(0, 1)))
            found.Set(baseline);
        foreach (var (batch, start, seed) in Batches())
        {
            using var normed = Tensor(model, Numbers(start, batch.Length, seed));
            found.Add(batch, start, normed);
        }

        found.Finish();
        return found;
    }

    float[] Numbers(int start, int branches, int seed = 0)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, (Positions - start) * branches * tiny.Config.HiddenSize)
                .Select(_ => (float)(random.NextDouble() - 0.5) * 8),
        ];
    }

    Tensors.Tensor Tensor(Qwen2Model model, float[] numbers)
    {
        var width = tiny.Config.HiddenSize;
        var tensor = model.Device.Allocate(numbers.Length / width, width);
        model.Device.Upload(numbers, tensor);
        return tensor;
    }

    float[][] Logits(Qwen2Model model, float[] numbers)
    {
        using var normed = Tensor(model, numbers);
        using var logits = model.Device.Allocate(normed.Shape[0], tiny.Config.VocabularySize);
        model.Device.Linear(normed, model.Weights.Unembedding, null, logits);
        return [.. model.Device.Download(logits).Chunk(tiny.Config.VocabularySize)];
    }

    static double Divergence(float[] before, float[] after)
    {
        var (p, q) = (Logs(before), Logs(after));
        return p.Zip(q, (one, other) => Math.Exp(one) * (one - other)).Sum();

        static double[] Logs(float[] row)
        {
            var sum = Math.Log(row.Sum(logit => Math.Exp((double)logit)));
            return [.. row.Select(logit => logit - sum)];
        }
    }
}
