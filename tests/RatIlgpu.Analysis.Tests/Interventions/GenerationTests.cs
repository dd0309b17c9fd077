using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>A cached generation with interventions gives the logits of whole runs with them.</summary>
public sealed class GenerationTests
{
    // Two orders of summation through three layers, as a share of the largest logit.
    const double Rounding = 2e-5;

    const int Steps = 3;

    [Fact]
    public void Every_kind_does_in_cached_steps_what_it_does_in_whole_runs()
    {
        using var bench = new InterventionBench();
        var ids = bench.Prompt(5);
        var (clean, other) = (Cached(bench.Model, ids), bench.Record(bench.Prompt(5, seed: 8)));
        foreach (var scope in Enum.GetValues<KeyValueScope>())
            foreach (var site in InterventionBench.Sites)
                foreach (var kind in TriedChange.All.Where(kind => kind.Fits(site.Activation)))
                {
                    // The usual edit reverses the row; a row of a pattern is shorter in a step than in a whole run.
                    var target = bench.At(site.Activation, site.Layer, scope: scope);
                    var change = kind.Name == "edit" && site.Activation == Activation.Pattern
                        ? Intervention.Edit(target, (position, head, row) => row[0] += 1 + position + head)
                        : kind.Make(target, other);
                    var cached = Cached(bench.Model, ids, change);
                    Near(Whole(bench.Model, ids, change), cached, $"{change}, {scope}");

                    // The same vector added to all keys adds the same number to all scores of a query.
                    if (kind.Name != "add" || site.Activation is not (Activation.RotatedKey or Activation.HeadKey))
                        Assert.True(Difference(clean, cached) > 0.01, $"{change} moves nothing.");
                }
    }

    [Fact]
    public void Named_positions_are_changed_when_they_come()
    {
        using var bench = new InterventionBench();
        var ids = bench.Prompt(5);
        var clean = Cached(bench.Model, ids);
        foreach (var site in InterventionBench.Sites.Where(site => site.IsInLayer))
        {
            var change = Intervention.Scale(bench.At(site.Activation, 1, positions: [1, 6]), -2);
            var cached = Cached(bench.Model, ids, change);
            Near(Whole(bench.Model, ids, change), cached, $"{change}");
            Assert.True(Difference(clean, cached) > 0.001, $"{change} moves nothing.");
        }
    }

    [Theory]
    [InlineData(Activation.ResidualMiddle, KeyValueScope.KeyValueGroup)]
    [InlineData(Activation.Key, KeyValueScope.QueryHead)]
    [InlineData(Activation.Value, KeyValueScope.QueryHead)]
    [InlineData(Activation.HeadOutput, KeyValueScope.KeyValueGroup)]
    public void The_generator_writes_what_whole_runs_would(Activation activation, KeyValueScope scope)
    {
        using var device = new CpuDevice();
        using var demo = LanguageModel.Load(DemoModel.Folder, device);
        int[] ids = [.. demo.Tokenizer.Encode("Mary and John went to the store").Ids];
        var other = new Recorder(demo.Network).Record(
            [.. ids.Reverse()], [.. Enum.GetValues<Activation>().Select(one => new Capture(one))]);
        var target = InterventionTarget.At(demo.Network, activation, 2, scope: scope);
        var written = new HashSet<string>();
        foreach (var changes in TriedChange.All.Select(kind => new[] { kind.Make(target, other) }).Prepend([]))
        {
            var generator = new TextGenerator(demo) { Probe = new InterventionProbe(demo.Network, changes) };
            int[] found = [.. generator.Generate([.. ids], 5)];
            Assert.Equal(WholeText(demo, ids, changes), found);
            written.Add(string.Join(' ', found));
        }

        // Some of the changes are too small for another token to win; of keys the fewest texts differ, four.
        Assert.InRange(written.Count, 4, TriedChange.All.Count() + 1);
    }

    static int[] WholeText(LanguageModel demo, int[] ids, Intervention[] changes)
    {
        int[] all = [.. ids];
        while (all.Length < ids.Length + 5)
        {
            var logits = Last(demo.Network, all, new() { Probe = Whole(demo.Network, changes) });
            var best = Enumerable.Range(0, logits.Length).Where(demo.Tokenizer.Has).MaxBy(id => logits[id]);
            if (demo.Config.EosTokenIds.Contains(best))
                break;
            all = [.. all, best];
        }

        return all[ids.Length..];
    }

    // The logits of the end of a prompt, and of a few more tokens.
    static float[] Cached(Qwen2Model model, int[] ids, params Intervention[] changes)
    {
        using var cache = new KeyValueCache(model.Config, model.Device, 1);
        var options = new ForwardOptions { Probe = new InterventionProbe(model, [.. changes]), Cache = cache };
        return
        [
            .. Last(model, ids, options),
            .. Enumerable.Range(0, Steps).SelectMany(step => Last(model, [Next(step)], options)),
        ];
    }

    static float[] Whole(Qwen2Model model, int[] ids, params Intervention[] changes) =>
    [
        .. Enumerable.Range(0, Steps + 1).SelectMany(step => Last(
            model,
            [.. ids, .. Enumerable.Range(0, step).Select(Next)],
            new() { Probe = Whole(model, changes) })),
    ];

    // For a run over the prompt and the generated tokens, though an intervention may be for the prompt's length.
    static InterventionProbe Whole(Qwen2Model model, Intervention[] changes) =>
        new(model, changes) { LengthIsChecked = true };

    static int Next(int step) => 11 + 7 * step;

    static float[] Last(Qwen2Model model, int[] ids, ForwardOptions options)
    {
        using var logits = model.Forward(ids, options with { LogitCount = 1 });
        return model.Device.Download(logits);
    }

    static double Difference(float[] left, float[] right)
    {
        Assert.Equal(left.Length, right.Length);
        return left.Zip(right, (a, b) => Math.Abs(a - b)).Max() / (1e-3 + left.Max(Math.Abs));
    }

    static void Near(float[] expected, float[] found, string what)
    {
        var difference = Difference(expected, found);
        Assert.True(difference <= Rounding, $"{what} differs by {difference}.");
    }
}
