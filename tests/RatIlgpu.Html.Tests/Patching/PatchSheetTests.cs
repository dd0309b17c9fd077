using System.Buffers.Binary;
using System.IO.Compression;
using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests.Patching;

public sealed class PatchSheetTests : IDisposable
{
    const int Length = 6;

    static readonly LogitMetric Metric = new LogitMetric.Logit(new(11, 12), ^1);

    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public PatchSheetTests() => model = tiny.On(device);

    public void Dispose()
    {
        tiny.Dispose();
        device.Dispose();
    }

    [Fact]
    public void The_numbers_of_a_page_are_those_of_the_grid()
    {
        foreach (var target in (PatchTarget[])
        [
            new(Activation.ResidualBefore, PatchAxes.Position),
            new(Activation.HeadOutput, PatchAxes.Position | PatchAxes.Head),
            new(Activation.Value, PatchAxes.Head),
            new(Activation.Pattern, PatchAxes.Position | PatchAxes.Head | PatchAxes.Key),
            new(Activation.MlpOutput, PatchAxes.Layer),
        ])
        {
            var grid = new ActivationPatching(model).Sweep(Pair(), target, Metric);
            var html = PatchPage.Render(grid, Token).Html;
            Assert.Equal(grid.Values.ToArray().Select(value => value ?? double.NaN), NumbersOf(html, 0));
            using var data = PageData.Of(html);
            var pair = data.RootElement.GetProperty("pairs")[0];
            Assert.Equal(grid.CleanMetric, pair.GetProperty("cleanMetric").GetDouble());
            Assert.Equal(grid.CorruptedMetric, pair.GetProperty("corruptedMetric").GetDouble());
            Assert.Equal(
                grid.Shape.ToString(),
                $"[{string.Join(", ", data.RootElement.GetProperty("axes").EnumerateArray()
                    .Select(axis => axis.GetProperty("length").GetInt32()))}]");
        }
    }

    [Fact]
    public void The_numbers_of_a_page_of_paths_are_those_of_each_source_in_turn()
    {
        ImmutableArray<PatchGrid<PathTarget>> all =
            [.. new DirectPathPatching(model).SweepAll(Pair(), HeadInput.Value, Metric)];
        Assert.Equal(
            all.SelectMany(grid => grid.Values.ToArray()).Select(value => value ?? double.NaN),
            NumbersOf(PatchPage.Render(all, Token).Html, 0));
    }

    [Fact]
    public void Every_pair_of_a_batch_has_its_numbers()
    {
        PatchCase[] cases = [new(Pair(), Metric), new(Pair(seed: 8), Metric)];
        var batch = new ActivationPatching(model).SweepPairs(cases, new(Activation.HeadOutput, PatchAxes.Head));
        var html = PatchPage.Render(batch, Token).Html;
        foreach (var (i, grid) in batch.Grids.Index())
            Assert.Equal(grid.Values.ToArray().Select(value => value!.Value), NumbersOf(html, i));
        var paths = new DirectPathPatching(model).SweepPairs(cases, [new HeadIndex(0, 1)], HeadInput.Query);
        html = PatchPage.Render(paths, Token).Html;
        foreach (var (i, grid) in paths[0].Grids.Index())
            Assert.Equal(grid.Values.ToArray().Select(value => value ?? double.NaN), NumbersOf(html, i));
    }

    [Fact]
    public void Ranks_are_those_of_the_library()
    {
        var grid = new ActivationPatching(model).Sweep(Pair(), new(Activation.HeadOutput, PatchAxes.Head), Metric);
        var sheet = PatchSheet.Of([grid], Token);
        Assert.Equal(
            grid.Largest(7).Select(one => one.Cell.ToString()),
            new PatchRanks(sheet).Strongest(7).Select(sheet.NameOf));
        PatchCase[] cases = [new(Pair(), Metric), new(Pair(seed: 8), Metric), new(Pair(seed: 9), Metric)];
        var batch = new ActivationPatching(model).SweepPairs(cases, new(Activation.HeadOutput, PatchAxes.Head));
        var mean = PatchSheet.Of(batch.Grids, Token);
        var ranks = new PatchRanks(mean);
        Assert.Equal(
            batch.Largest(7).Select(one => (one.Cell.ToString(), one.Effect.Mean)),
            ranks.Strongest(7).Select(index => (mean.NameOf(index), ranks.Effects[index])));
    }

    [Fact]
    public void Sources_are_layers_by_heads_only_if_every_head_is_one()
    {
        var patching = new DirectPathPatching(model);
        var all = PatchSheet.Of([[.. patching.SweepAll(Pair(), HeadInput.Key, Metric)]], Token);
        Assert.Equal(["source layer", "source head", "layer", "head"], all.Axes.Select(axis => axis.Name));
        var two = PatchSheet.Of([[.. patching.SweepAll(Pair(), [new(0, 1), new(1, 0)], HeadInput.Key, Metric)]], Token);
        Assert.Equal(["source", "layer", "head"], two.Axes.Select(axis => axis.Name));
        Assert.Equal(["L0H1", "L1H0"], two.Axes[0].Labels);
        Assert.Equal("L0H1 → L1H0", two.NameOf(6));
    }

    [Fact]
    public void Keys_and_values_of_a_group_are_called_so()
    {
        var options = new DirectPathOptions { Scope = KeyValueScope.KeyValueGroup };
        var paths = new DirectPathPatching(model).Sweep(Pair(), default, HeadInput.Value, Metric, options);
        var sheet = PatchSheet.Of([[paths]], Token);
        Assert.Equal("Key/value head", sheet.Axes[^1].Title);
        Assert.False(sheet.AreQueryHeads);
        Assert.Contains(("Scope", "all query heads of a key/value head see the patch"), sheet.Facts);
    }

    [Fact]
    public void Grids_that_do_not_belong_together_are_refused()
    {
        var patching = new DirectPathPatching(model);
        var (a, b) = (patching.Sweep(Pair(), new(0, 0), HeadInput.Key, Metric),
            patching.Sweep(Pair(), new(0, 1), HeadInput.Value, Metric));
        Assert.Equal(
            "The paths of L0H0 and L0H1 are of different sweeps, expected the same prompts, input and options.",
            Assert.Throws<ArgumentException>(() => PatchPage.Render([a, b], Token)).Message);
        Assert.Equal(
            "A source is given twice, expected the paths of each source once.",
            Assert.Throws<ArgumentException>(() => PatchPage.Render([a, a], Token)).Message);
        Assert.Equal(
            "There is no source to show: the paths of at least one are needed.",
            Assert.Throws<ArgumentException>(() =>
                PatchPage.Render(Array.Empty<PatchGrid<PathTarget>>(), Token)).Message);
    }

    [Theory]
    [InlineData(0, "logit of \u2068t11\u2069 − \u2068t12\u2069")]
    [InlineData(1, "logit of \u2068t3\u2069")]
    [InlineData(2, "log probability of \u2068t3\u2069")]
    [InlineData(3, "probability of \u2068t3\u2069")]
    [InlineData(4, "KL divergence from the clean run, in nats")]
    [InlineData(5, "a function of the logits")]
    public void A_metric_is_named(int kind, string expected)
    {
        LogitMetric[] all =
        [
            Metric, new LogitMetric.Logit(new(3), ^1), new LogitMetric.LogProbability(3, ^1),
            new LogitMetric.Probability(3, ^1), new LogitMetric.KlDivergence(^1),
            new LogitMetric.Custom([^1], logits => logits.At(^1)[0]),
        ];
        Assert.Equal(expected, PatchWords.Of(all[kind], Token));
        Assert.Equal([Length - 1], PatchWords.PositionsOf(all[kind], Length));
    }

    PromptPair Pair(int seed = 7)
    {
        int[] clean = tiny.Prompt(Length, seed), corrupted = [.. clean];
        corrupted[2] = (clean[2] + 5) % tiny.Config.VocabularySize;
        return new(clean, corrupted);
    }

    static TokenText Token(int id) => new(id, string.Create(CultureInfo.InvariantCulture, $"t{id}"), []);

    static double[] NumbersOf(string html, int pair)
    {
        var block = html.Split($"id=\"values-{pair}\">")[1].Split("</script>")[0];
        using var gzip = new GZipStream(
            new MemoryStream(Convert.FromBase64String(block)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        var all = bytes.ToArray();
        return [.. Enumerable.Range(0, all.Length / 8).Select(i =>
            BinaryPrimitives.ReadDoubleLittleEndian(all.AsSpan(i * 8)))];
    }
}
