using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class FeederFinderTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly TemporaryFolder folder = new();

    [Fact]
    public void The_head_that_looks_one_back_feeds_the_keys_of_induction_heads()
    {
        using var demo = new AtlasScorerTests.Demo();
        var heads = FeederFinder.AddTo(demo.Model.Network, demo.Plan, demo.HeadsOf(demo.Whole));
        for (var head = 0; head < 4; head++)
        {
            var feeders = heads.Single(one => one.Head == new HeadIndex(3, head)).Feeders;
            var key = feeders.First(feeder => feeder.Input == HeadInput.Key);
            Assert.Equal(new HeadIndex(1, 0), key.Source);
            Assert.Equal("induction", key.ScoreId);
            Assert.InRange(key.Effect, 0.3, 1);
            Assert.InRange(feeders.Length, 1, 10);
        }

        Assert.Empty(heads[0].Feeders);
    }

    [Fact]
    public void A_ratio_has_the_feeders_of_the_score_that_it_divides()
    {
        using var demo = new AtlasScorerTests.Demo();
        var heads = demo.HeadsOf(demo.Whole);
        var expected = FeedersOf(DelimiterDetector.Any);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, FeedersOf(DerivedScores.DelimiterRatio));

        ImmutableArray<HeadFeeder> FeedersOf(HeadScoreDefinition score) => FeederFinder.AddTo(
            demo.Model.Network, demo.Plan,
            [
                .. heads.Select(head => head with
                {
                    Roles = head.Head == heads[^1].Head ? [new(HeadRole.Delimiter, score.Id, 1)] : [],
                }),
            ])
            [^1].Feeders;
    }

    [Fact]
    public void Without_its_feeder_a_constructed_induction_head_is_uniform()
    {
        CircuitModels.Induction().Save(folder.Root);
        using var model = LanguageModel.Load(folder.Root, device);
        ImmutableArray<int> half = [3, 1, 4, 15, 9, 2, 6, 5, 8, 7, 10, 0, 11, 14, 13, 12];
        var target = Induction(new(1, 2));
        var found = Find(model.Network, target, [.. half, .. half]).Single();
        Assert.Equal(new HeadFeeder(new(0, 1), HeadInput.Key, "induction", found.Effect), found);
        Assert.Equal((14.5 / 15) - (Enumerable.Range(0, 15).Sum(k => 1.0 / (17 + k)) / 15), found.Effect, 1e-4);
    }

    [Theory]
    [InlineData("qwen2", HeadInput.Key)]
    [InlineData("qwen2", HeadInput.Query)]
    [InlineData("qwen3", HeadInput.Key)]
    [InlineData("qwen3", HeadInput.Query)]
    [InlineData("mistral", HeadInput.Key)]
    public void An_effect_is_that_of_the_changed_input(string family, HeadInput input)
    {
        using var tiny = new TinyQwen2(TinyQwen2.Families[family]);
        using var model = tiny.On(device);
        // With its window of 5, Mistral's heads see no token of more.
        var half = tiny.Prompt(family == "mistral" ? 5 : 10).Distinct().ToArray();
        ImmutableArray<int> ids = [.. half, .. half];
        var target = Induction(new(2, 4));
        var found = Find(model, target, ids).Where(feeder => feeder.Input == input).ToArray();
        Assert.NotEmpty(found);
        foreach (var feeder in found)
            Assert.Equal(
                Score(model, ids, target, input, null) - Score(model, ids, target, input, feeder.Source),
                feeder.Effect, 1e-4);
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    static FeederTarget Induction(HeadIndex head) => new(head, "induction", AtlasPass.Repeats, 0, 0);

    static ImmutableArray<HeadFeeder> Find(Qwen2Model model, FeederTarget target, ImmutableArray<int> ids)
    {
        var cells = SequenceMarks.OfRepeats(
            AtlasLayouts.Of(AtlasPass.Repeats, model.Config), new(ids, 0, 0, ids.Length / 2));
        return new FeederFinder(model, [new(ids, cells)], [target])
            .Of(target.Head.Layer, [target]).Single().Feeders;
    }

    // The stream that one projection reads is changed, and the run goes on with that projection alone.
    static double Score(
        Qwen2Model model, ImmutableArray<int> ids, FeederTarget target, HeadInput input, HeadIndex? source)
    {
        var (config, layer, device) = (model.Config, model.Weights.Layers[target.Head.Layer], model.Device);
        var (size, width, half) = (config.HeadSize, config.HiddenSize, ids.Length / 2);
        var outputs = source is { } head ? Shown(model, ids, new(Activation.HeadOutput, head.Layer)) : [];
        var stream = Shown(model, ids, new(Activation.ResidualBefore, target.Head.Layer));
        var given = Shown(model, ids, new(Activation.AttentionInput, target.Head.Layer));
        var (gain, matrix) = (model.Rows(layer.AttentionGain, 0), source is { } from
            ? model.Rows(model.Weights.Layers[from.Layer].Output, [.. Enumerable.Range(0, width)])
            : []);
        for (var token = 0; token < ids.Length && source is { } taken; token++)
        {
            var rms = Math.Sqrt(
                stream.Skip(token * width).Take(width).Average(number => (double)number * number)
                + config.RmsNormEpsilon);
            for (var i = 0; i < width; i++)
            {
                var written = 0.0;
                for (var j = 0; j < size; j++)
                    written += (double)matrix[(i * config.HeadCount * size) + (taken.Head * size) + j]
                        * outputs[(((token * config.HeadCount) + taken.Head) * size) + j];
                given[(token * width) + i] -= (float)(gain[i] * written / rms);
            }
        }

        var activation = input == HeadInput.Query ? Activation.Query : Activation.Key;
        using var normed = device.Allocate(ids.Length, width);
        device.Upload(given, normed);
        var probe = new RatIlgpu.Testing.RecordingProbe(
            site => site == new Site(Activation.Pattern, target.Head.Layer)
                || site == new Site(activation, target.Head.Layer),
            (site, tensor, on) =>
            {
                if (site.Activation == activation)
                    on.Linear(
                        normed, input == HeadInput.Query ? layer.Query : layer.Key,
                        input == HeadInput.Query ? layer.QueryBias : layer.KeyBias,
                        tensor.Reshape(ids.Length, tensor.Shape[1] * size));
            });
        model.Run(ids.AsSpan(), new() { Probe = probe });
        var pattern = probe[new(Activation.Pattern, target.Head.Layer)];
        return Enumerable.Range(0, half - 1).Average(k =>
            (double)pattern[(((target.Head.Head * ids.Length) + half + k) * ids.Length) + k + 1]);
    }

    static float[] Shown(Qwen2Model model, ImmutableArray<int> ids, Site site)
    {
        var probe = new RatIlgpu.Testing.RecordingProbe(asked => asked == site);
        model.Run(ids.AsSpan(), new() { Probe = probe });
        return probe[site];
    }
}
