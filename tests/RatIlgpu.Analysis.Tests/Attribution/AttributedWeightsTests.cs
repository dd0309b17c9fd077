using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>Attribution reads the weights piece by piece and never changes them.</summary>
public sealed class AttributedWeightsTests : IDisposable
{
    // Two F32 runs with the same inputs; logits are a few units.
    const double Rounding = 2e-5;

    readonly CpuDevice device = new();

    public void Dispose() => device.Dispose();

    [Fact]
    public void A_constant_added_to_every_row_of_the_unembedding_moves_single_logits_but_no_difference()
    {
        var constant = Enumerable.Range(0, 40).Select(i => 0.3f * MathF.Cos(i)).ToArray();
        using var plain = Untied();
        using var moved = Untied((name, numbers) =>
        {
            if (name == "lm_head.weight")
                for (var i = 0; i < numbers.Length; i++)
                    numbers[i] += constant[i % constant.Length];
        });
        foreach (var unit in Enum.GetValues<AttributionUnit>())
        {
            Close(Rows(plain, new(5, 11), unit), Rows(moved, new(5, 11), unit));
            Close(
                Rows(plain, new(5), unit, LogitReference.VocabularyMean),
                Rows(moved, new(5), unit, LogitReference.VocabularyMean));
            var (before, after) = (Rows(plain, new(5), unit), Rows(moved, new(5), unit));
            Assert.True(before.Zip(after).Max(pair => Math.Abs(pair.First.Value - pair.Second.Value)) > 0.05);
        }
    }

    [Fact]
    public void A_tied_model_gives_what_an_untied_copy_gives()
    {
        using var tied = new TinyQwen2(format: DataType.F32);
        float[] embedding = [];
        using var copy = Untied((name, numbers) =>
        {
            if (name == "model.embed_tokens.weight")
                embedding = [.. numbers];
            else if (name == "lm_head.weight")
                embedding.CopyTo(numbers, 0);
        });
        foreach (var unit in Enum.GetValues<AttributionUnit>())
            foreach (var reference in Enum.GetValues<LogitReference>())
                Assert.Equal(Rows(tied, new(5), unit, reference), Rows(copy, new(5), unit, reference));
    }

    [Fact]
    public void Every_weight_is_the_same_to_the_bit_before_and_after()
    {
        using var tiny = new TinyQwen2();
        using var model = tiny.On(device);
        var before = All();
        foreach (var unit in Enum.GetValues<AttributionUnit>())
            new LogitAttributor(model).Attribute(
                tiny.Prompt(5), new(5), ^1, new() { Unit = unit, Reference = LogitReference.VocabularyMean });
        new LogitLens(model).Read(tiny.Prompt(5), ^1);
        Assert.Equal(before, All());

        float[][] All() => [.. model.Weights.All.Select(named => Whole(named.Weight))];

        float[] Whole(Tensor weight) => model.Rows(
            weight, weight.Shape.Rank == 1 ? [0] : [.. Enumerable.Range(0, weight.Shape[0])]);
    }

    [Fact]
    public void Memory_depends_neither_on_the_positions_nor_on_how_large_a_matrix_is()
    {
        var config = TinyQwen2.Small with { HiddenSize = 512, IntermediateSize = 4096, LayerCount = 1 };
        using var tiny = new TinyQwen2(config);
        using var watched = new WatchedDevice(device);
        using var model = tiny.On(watched);
        var prompt = tiny.Prompt(40);
        foreach (var unit in (AttributionUnit[])[AttributionUnit.Head, AttributionUnit.Neuron])
        {
            var run = new Recorder(model).Record(prompt, LogitAttributor.Captures(unit));
            var options = new AttributionOptions { Unit = unit };
            var one = AllocatedBy(() => new LogitAttributor(model).Attribute(run, new(5), ^1, options));
            Index[] all = [.. Enumerable.Range(0, prompt.Length)];
            Assert.Equal(one, AllocatedBy(() => new LogitAttributor(model).Attribute(run, new(5), all, options)));
            Assert.InRange(one, 1, config.HiddenSize * config.IntermediateSize * 2 / 3);
        }

        // A matrix read in pieces gives the same product as in one piece.
        var attributor = new LogitAttributor(model);
        var neurons = attributor.Attribute(prompt, new(5), ^1, new() { Unit = AttributionUnit.Neuron }).Terms;
        var mlp = attributor.Attribute(prompt, new(5), ^1).Terms[2];
        Assert.Equal("0_mlp_out", mlp.Term.Label);
        Assert.Equal(mlp.Value, neurons.SkipLast(2).Sum(row => row.Value), Rounding);
        Assert.True(Math.Abs(mlp.Value) > 0.01);

        long AllocatedBy(Action action)
        {
            var before = watched.Allocated;
            action();
            return watched.Allocated - before;
        }
    }

    [Fact]
    public void Neurons_projected_are_neurons_made_and_then_projected()
    {
        using var tiny = new TinyQwen2();
        using var model = tiny.On(device);
        var run = new Recorder(model).Record(tiny.Prompt(6), LogitAttributor.Captures(AttributionUnit.Neuron));
        foreach (var target in (LogitTarget[])[new(5), new(11), new(5, 11)])
        {
            var found = new LogitAttributor(model).Attribute(run, target, ^1, new() { Unit = AttributionUnit.Neuron });
            var gain = model.Rows(model.Weights.FinalGain, 0);
            var answer = model.Rows(model.Weights.Unembedding, target.Answer!.Value);
            var foil = target.Foil is { } token ? model.Rows(model.Weights.Unembedding, token) : new float[40];
            for (var layer = 0; layer < 3; layer++)
            {
                var down = model.Rows(model.Weights.Layers[layer].Down, [.. Enumerable.Range(0, 40)]);
                var neurons = run[new(Activation.MlpNeurons, layer)].Row(5);
                for (var neuron = 0; neuron < 56; neuron++)
                {
                    // The output of the neuron is divided by the scale of the final stream, then unembedded.
                    var sum = 0.0;
                    for (var i = 0; i < 40; i++)
                        sum += (double)neurons[neuron] * down[i * 56 + neuron] / found.FinalScale * gain[i]
                            * (answer[i] - foil[i]);
                    Assert.Equal(sum, found.Terms[layer * 56 + neuron].Value, Rounding);
                }
            }
        }
    }

    static TinyQwen2 Untied(Action<string, float[]>? change = null) =>
        new(TinyQwen2.Small with { TiesEmbeddings = false }, format: DataType.F32, change: change);

    ImmutableArray<Contribution> Rows(
        TinyQwen2 tiny, LogitTarget target, AttributionUnit unit, LogitReference reference = LogitReference.Raw)
    {
        using var model = tiny.On(device);
        var options = new AttributionOptions { Unit = unit, Reference = reference };
        return new LogitAttributor(model).Attribute(tiny.Prompt(6), target, ^1, options).Terms;
    }

    static void Close(ImmutableArray<Contribution> expected, ImmutableArray<Contribution> found)
    {
        Assert.Equal(expected.Select(row => row.Term), found.Select(row => row.Term));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Value, pair.Second.Value, Rounding));
    }
}
