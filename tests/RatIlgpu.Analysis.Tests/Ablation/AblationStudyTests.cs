using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class AblationStudyTests : IDisposable
{
    const double Single = 1e-4;

    readonly TinyQwen2 tiny = new();
    readonly TemporaryFolder folder = new();
    readonly CpuDevice device = new();
    readonly Qwen2Model model;
    readonly ImmutableArray<AblationSample> samples;

    public AblationStudyTests()
    {
        model = tiny.On(device);
        samples = [new([.. tiny.Prompt(12)], 4), new([.. tiny.Prompt(9, seed: 8)], 7), new([.. tiny.Prompt(15, 9)], 0)];
    }

    // Of the constructed circuit: without the previous-token head at position 5, the query that looks for what
    // position 5 remembers is uniform, and no other changes.
    [Fact]
    public void Without_the_head_at_one_position_one_later_query_is_uniform()
    {
        using var run = ConstructedRun.Load(CircuitModels.Induction(), folder.Root, device);
        const int half = ConstructedShape.Vocabulary, position = 5;
        var report = AblationStudy.Run(
            run.Network, [new([.. MatchingCases.Twice], position)],
            new() { Heads = [CircuitModels.Previous], Kinds = [AblationKind.Zero] });
        var shown = report.Conditions.Single().Samples.Single().Patterns.Single();
        var before = report.Samples.Single().Patterns.Single();
        Assert.Equal((CircuitModels.Inductor, CircuitModels.Inductor), (shown.Head, before.Head));
        var keys = 2 * half;
        for (var query = position; query < keys; query++)
            for (var key = 0; key <= query; key++)
            {
                var place = ((query - position) * keys) + key;
                var expected = query == half + position - 1 ? 1.0 / (query + 1) : before.Rows[place];
                if (query != position - 1 + half && key == position)
                    continue;
                Assert.Equal(expected, shown.Rows[place], Single);
            }

        Assert.Equal(1.0 / (half + position), shown.Rows[((half - 1) * keys) + position], Single);
    }

    [Theory]
    [InlineData(AblatedPart.Head, AblationKind.Zero)]
    [InlineData(AblatedPart.Value, AblationKind.Zero)]
    public void A_position_keeps_what_it_had_in_all_of_its_layer_but_the_head(AblatedPart part, AblationKind kind)
    {
        var options = new AblationOptions { Layer = 1, Part = part, Kinds = [kind], ShownSamples = 0 };
        var report = AblationStudy.Run(model, samples, options);
        Assert.Equal(tiny.Config.HeadCount, report.Conditions.Length);
        foreach (var condition in report.Conditions)
        {
            if (part == AblatedPart.Value)
                Assert.Contains(
                    condition.Samples.SelectMany(sample => sample.Layers[0].Skip(1)),
                    change => Math.Abs(change.Projection!.Value - 1) > Single);
            foreach (var (sample, effect) in report.Samples.Zip(condition.Samples))
            {
                Assert.Equal(sample.Sample.Ids.Length - sample.Sample.Position, effect.Divergences.Length);
                Assert.True(effect.Divergences[0] > 0);
                // A head at one position changes nothing of its own layer at the others; a value is read by later ones.
                if (part == AblatedPart.Head)
                    Assert.All(effect.Layers[0].Skip(1), change => Assert.Equal(1, change.Projection!.Value, Single));
            }
        }
    }

    [Fact]
    public void Means_are_those_of_positions_about_as_early_in_all_samples()
    {
        var head = new HeadIndex(1, 2);
        var report = AblationStudy.Run(
            model, samples, new() { Heads = [head], Kinds = [AblationKind.Mean], ShownSamples = 0 });
        var runs = samples.Select(sample => new Recorder(model).Record(
            sample.Ids.AsSpan(), [new(Activation.HeadOutput), new(Activation.AttentionOutput)])).ToList();
        foreach (var (place, sample) in samples.Index())
        {
            var rows = samples.Zip(runs).SelectMany(one => Enumerable.Range(0, one.First.Ids.Length)
                .Where(position => Bucket(position) == Bucket(sample.Position))
                .Select(position => one.Second[new(Activation.HeadOutput, 1)].Row(position, head.Head).ToArray()))
                .ToList();
            ActivationEdit put = (_, _, row) =>
            {
                for (var i = 0; i < row.Length; i++)
                    row[i] = (float)rows.Average(one => (double)one[i]);
            };
            Same(
                report.Conditions[0].Samples[place], sample, runs[place], Intervention.Edit(Target(head, sample), put));
        }

        static int Bucket(int position) => position == 0 ? 0 : position < 8 ? 1 : 2;
    }

    [Fact]
    public void Resampling_takes_the_output_of_the_next_sample()
    {
        var head = new HeadIndex(2, 3);
        var report = AblationStudy.Run(
            model, samples, new() { Heads = [head], Kinds = [AblationKind.Resample], ShownSamples = 0 });
        foreach (var (place, sample) in samples.Index())
        {
            var other = samples[(place + 1) % samples.Length];
            var row = new Recorder(model).Record(other.Ids.AsSpan(), [new(Activation.HeadOutput)])
                [new(Activation.HeadOutput, 2)]
                .Row(Math.Min(sample.Position, other.Ids.Length - 1), head.Head).ToArray();
            var run = new Recorder(model).Record(sample.Ids.AsSpan(), [new(Activation.AttentionOutput)]);
            Same(
                report.Conditions[0].Samples[place], sample, run,
                Intervention.Edit(Target(head, sample), (_, _, into) => row.CopyTo(into)));
        }
    }

    [Fact]
    public void A_knocked_out_key_leaves_the_softmax_of_the_others()
    {
        var head = new HeadIndex(1, 2);
        var report = AblationStudy.Run(model, [samples[0]], new()
        {
            Heads = [head],
            Part = AblatedPart.Value,
            Kinds = [AblationKind.KnockOut],
            ShownHeads = 1,
        });
        var shown = report.Conditions[0].Samples[0].Patterns.Single(one => one.Head == head);
        var before = report.Samples[0].Patterns.Single(one => one.Head == head);
        var (keys, at) = (samples[0].Ids.Length, samples[0].Position);
        for (var place = 0; place < shown.Rows.Length; place++)
        {
            var hidden = before.Rows[(place / keys * keys) + at];
            Assert.Equal(
                place % keys == at ? 0 : before.Rows[place] / (1 - hidden), shown.Rows[place], Single);
        }
    }

    [Fact]
    public void Redirected_heads_read_the_first_token()
    {
        var head = new HeadIndex(1, 2);
        var report = AblationStudy.Run(
            model, [samples[0]], new() { Heads = [head], Kinds = [AblationKind.Redirect], ShownHeads = 1 });
        var shown = report.Conditions[0].Samples[0].Patterns.Single();
        Assert.Equal(head, shown.Head);
        Assert.Equal([1, .. new float[samples[0].Ids.Length - 1]], shown.Rows.Take(samples[0].Ids.Length));
    }

    [Fact]
    public void Everywhere_the_numbers_of_a_layer_are_means_over_all_positions_wherever_the_sample_has_its_own()
    {
        AblationOptions everywhere = new()
        {
            Heads = [new(1, 2)],
            Kinds = [AblationKind.Zero],
            Everywhere = true,
        };
        var one = AblationStudy.Run(model, [samples[0] with { Position = 0 }], everywhere).Conditions[0];
        var other = AblationStudy.Run(model, [samples[0] with { Position = 3 }], everywhere).Conditions[0];
        Assert.Equal(one.Layers, other.Layers);
        Assert.Equal(
            one.Samples[0].Layers[0].Average(change => change.Projection)!.Value, one.Layers[0].Projection.Mean, 1e-12);
    }

    [Fact]
    public void Masked_ids_are_not_predicted_and_count_in_divergences()
    {
        AblationOptions options = new() { Layer = 1, Kinds = [AblationKind.Zero] };
        var all = AblationStudy.Run(model, samples, options);
        ImmutableArray<int> likeliest = [.. all.Samples.SelectMany(sample => sample.Predictions).Distinct().Take(5)];
        var masked = AblationStudy.Run(model, samples, options with { Masked = [.. likeliest] });
        Assert.All(masked.Samples, sample => Assert.DoesNotContain(sample.Predictions, likeliest.Contains));
        foreach (var (one, other) in all.Conditions.Zip(masked.Conditions))
        {
            Assert.All(other.Samples, sample => Assert.DoesNotContain(sample.Predictions, likeliest.Contains));
            Assert.Equal(one.Divergence, other.Divergence);
        }
    }

    // z[i, h] = Σ_k A[h, i, k] v[k, g(h)] loses the part of p, for the named heads alone: others of a group keep it.
    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    [InlineData(1, 3, 5)]
    [InlineData(0, 1, 2, 3, 4, 5)]
    public void Without_a_value_each_later_position_loses_what_its_attention_took_from_there(params int[] heads)
    {
        const int layer = 1;
        var report = AblationStudy.Run(model, samples, new()
        {
            Heads = [.. heads.Select(head => new HeadIndex(layer, head))],
            Together = true,
            Part = AblatedPart.Value,
            Kinds = [AblationKind.Zero],
            ShownSamples = 0,
        });
        foreach (var (place, sample) in samples.Index())
        {
            var p = sample.Position;
            var before = new Recorder(model).Record(
                sample.Ids.AsSpan(),
                [new(Activation.Pattern), new(Activation.Value), new(Activation.AttentionOutput)]);
            ActivationEdit lose = (position, head, row) =>
            {
                var share = before[new(Activation.Pattern, layer)].Row(position, head)[p];
                var value = before[new(Activation.Value, layer)].Row(p, head / 3);
                for (var i = 0; i < row.Length; i++)
                    row[i] -= share * value[i];
            };
            var target = InterventionTarget.At(
                model, Activation.HeadOutput, layer, [.. heads], [.. Enumerable.Range(p, sample.Ids.Length - p)]);
            Same(report.Conditions.Single().Samples[place], sample, before, Intervention.Edit(target, lose));
        }
    }

    [Fact]
    public void Says_what_does_not_fit()
    {
        Fails("Sample 1 has position 12, expected 0 to 11.", [samples[0] with { Position = 12 }], new());
        Fails("There is no sample, expected one or more.", [], new());
        Fails(
            "Kinds has Resample, which takes from another sample; there is one alone.", [samples[0]],
            new() { Kinds = [AblationKind.Resample] });
        Fails(
            "Kinds has KnockOut, which is not for Head: KnockOut is for values, and Redirect for heads.", samples,
            new() { Kinds = [AblationKind.KnockOut] });
        Fails("Heads has a head twice, expected each once.", samples, new() { Heads = [new(0, 1), new(0, 1)] });
        Fails("Layer is 9, expected one of 3 layers.", samples, new() { Layer = 9 });

        void Fails(string expected, ImmutableArray<AblationSample> some, AblationOptions options) => Assert.Equal(
            expected, Assert.Throws<ArgumentException>(() => AblationStudy.Run(model, some, options)).Message);
    }

    // The positions 0, 1 to 7 and from 8 on have a mean each.
    [Fact]
    public void A_mean_of_one_value_is_known_by_its_sample()
    {
        ValueArray<int> two = [1, 2], nine = [9, 2, 3, 4, 5, 6, 7, 8, 1], other = [8, 2, 3, 4, 5, 6, 7, 9, 1];
        Assert.Equal([0], AblationSample.AloneInMean([new(two, 0)]));
        Assert.Equal([0], AblationSample.AloneInMean([new(two, 1)]));
        Assert.Empty(AblationSample.AloneInMean([new(nine, 3)]));
        Assert.Equal([1], AblationSample.AloneInMean([new(two, 0), new(nine, 8)]));
        Assert.Equal([1], AblationSample.AloneInMean([new(two, 0), new(nine, 3)], everywhere: true));
        Assert.Empty(AblationSample.AloneInMean([new(nine, 3), new(other, 8)], everywhere: true));
    }

    [Fact]
    public void Samples_that_are_alike_up_to_the_position_have_one_value()
    {
        ValueArray<int> nine = [9, 2, 3, 4, 5, 6, 7, 8, 1], like = [9, 5, 5];
        Assert.Equal([0, 1], AblationSample.AloneInMean([new(nine, 0), new(like, 0)]));
        Assert.Equal([0], AblationSample.AloneInMean([new(nine, 0), new(like, 1)]));
        Assert.Equal([0, 1], AblationSample.AloneInMean([new(nine, 8), new(nine, 8)]));
        Assert.Equal([0, 1], AblationSample.AloneInMean([new(nine, 3), new(nine, 8)], everywhere: true));
        Assert.Equal([0, 1], AblationSample.AloneInMean([new([9, 2], 1), new([9, 2], 1)]));
    }

    [Fact]
    public void A_reader_beside_which_another_probe_looks_reads_from_the_same_layer_on()
    {
        IConditionReader beside = new WithBaseline(
            new PositionReader(model, 3, 1, watched: 1), new HeadValueLengths(model.Config, []));
        Assert.Equal((4, 1), (beside.FirstRead, beside.FirstLayer));
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        folder.Dispose();
        tiny.Dispose();
    }

    InterventionTarget Target(HeadIndex head, AblationSample sample) =>
        InterventionTarget.At(model, Activation.HeadOutput, head.Layer, [head.Head], [sample.Position]);

    void Same(SampleEffect found, AblationSample sample, Recording before, Intervention change)
    {
        var layer = change.Target.Site.Layer;
        var after = new Recorder(model).Record(
            sample.Ids.AsSpan(), [new(Activation.AttentionOutput)], new() { Interventions = [change] });
        for (var at = layer; at < model.Config.LayerCount; at++)
            for (var position = sample.Position; position < sample.Ids.Length; position++)
            {
                var site = new Site(Activation.AttentionOutput, at);
                Assert.Equal(
                    OutputChange.Of(before[site].Row(position), after[site].Row(position)).Projection!.Value,
                    found.Layers[at - layer][position - sample.Position].Projection!.Value, Single);
            }
    }
}
