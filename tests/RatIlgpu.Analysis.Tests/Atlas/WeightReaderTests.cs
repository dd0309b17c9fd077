using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class WeightReaderTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly TemporaryFolder folder = new();

    [Fact]
    public void What_a_head_copies_is_told_by_the_values_of_its_group()
    {
        CircuitModels.GroupedCopy().Save(folder.Root);
        using var model = LanguageModel.Load(folder.Root, device);
        var scores = Read(model, [.. Enumerable.Range(0, 16)], []);
        var raw = Enumerable.Range(0, 4).Select(head => scores[new(0, head)]["copy-raw"].Raw).ToArray();
        Assert.Equal(1, raw[0], 1e-4);
        Assert.Equal(2, raw[1], 1e-4);
        Assert.Equal(-1, raw[2], 1e-4);
        Assert.Equal(-3, raw[3], 1e-4);
        // The last norm takes a factor away: one token of 128 is written, with a length of √128.
        foreach (var (head, sign) in ((int, int)[])[(0, 1), (1, 1), (2, -1), (3, -1)])
        {
            Assert.Equal(sign * Math.Sqrt(128), scores[new(0, head)]["copy"].Raw, 1e-3);
            Assert.Equal(sign, scores[new(0, head)]["eigenvalues"].Raw, 1e-4);
        }
    }

    [Fact]
    public void Names_are_counted_among_the_first_and_last_five()
    {
        CircuitModels.GroupedCopy().Save(folder.Root);
        using var model = LanguageModel.Load(folder.Root, device);
        var scores = Read(model, [0, 1], [.. Enumerable.Range(2, 12)]);
        Assert.Equal(1, scores[new(0, 0)]["copy-top"].Raw);
        Assert.Equal(0, scores[new(0, 0)]["copy-bottom"].Raw);
        Assert.Equal(0, scores[new(0, 3)]["copy-top"].Raw);
        Assert.Equal(1, scores[new(0, 3)]["copy-bottom"].Raw);
        Assert.Equal(5.0 / 12, scores[new(0, 0)]["copy-top"].Chance);
        Assert.False(Read(model, [0, 1], [2, 3, 4]).First().Value.ContainsKey("copy-top"));
    }

    [Fact]
    public void A_head_that_writes_nothing_copies_nothing()
    {
        using var tiny = new TinyQwen2(change: (name, numbers) =>
        {
            if (name.Contains("0.self_attn.o_proj", StringComparison.Ordinal))
                Array.Clear(numbers);
        });
        using var model = tiny.On(device);
        var scores = new WeightReader(model, [1, 2, 3], [.. Enumerable.Range(10, 12)], NoFamilies(model)).Read();
        var own = scores[new(0, 2)];
        Assert.Equal(0, own["copy"].Raw);
        Assert.Equal(0, own["copy-top"].Raw);
        Assert.Equal(0, own["copy-bottom"].Raw);
        Assert.False(own.ContainsKey("eigenvalues"));
        Assert.NotEqual(0, scores[new(1, 2)]["copy"].Raw);
    }

    [Fact]
    public void Succession_is_that_of_the_mean_input_of_an_element()
    {
        string[] days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        var tokenizer = WholeWords.Load([.. WholeWords.Spaced([.. days, .. WordLists.Neutral])]);
        using var tiny = new TinyQwen2(TinyQwen2.Small with { VocabularySize = tokenizer.Count });
        using var model = tiny.On(device);
        var prompts = new SuccessorPrompts(tokenizer, tokenizer.Count);
        var family = Assert.Single(prompts.Classes);
        var inputs = MeanInputs(model, prompts, layer: 1);
        var scores = new WeightReader(model, [1, 2], [], prompts).Read();
        var found = new List<double>();
        for (var number = 0; number < model.Config.HeadCount; number++)
        {
            var head = new HeadIndex(1, number);
            var score = scores[head]["succession"];
            // Nothing comes after Sunday in the list.
            Assert.Equal(6, score.Count);
            Assert.Equal(1.0 / 6, score.Chance!.Value, 1e-12);
            var right = Enumerable.Range(0, 6).Count(day =>
            {
                var logits = Logits(model, head, inputs[day], [.. family.Elements.Select(element => element.Id)]);
                return Enumerable.Range(0, 7).Where(other => other != day).MaxBy(other => logits[other]) == day + 1;
            });
            Assert.Equal(right / 6.0, score.Raw, 1e-12);
            found.Add(score.Raw);
        }

        Assert.True(found.Distinct().Count() > 1);
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void The_copying_score_is_the_forward_pass_of_one_head(string family)
    {
        using var tiny = new TinyQwen2(TinyQwen2.Families[family]);
        using var model = tiny.On(device);
        int[] tokens = [4, 9, 30, 31];
        var scores = new WeightReader(model, [.. tokens], [], NoFamilies(model)).Read();
        Assert.Equal(ByHand(model, new(1, 4), tokens), scores[new(1, 4)]["copy"].Raw, 1e-3);
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }

    static SuccessorPrompts NoFamilies(Qwen2Model model) =>
        new(WholeWords.Numbers(model.Config.VocabularySize), model.Config.VocabularySize);

    static ImmutableDictionary<HeadIndex, ImmutableSortedDictionary<string, HeadScore>> Read(
        LanguageModel model, ImmutableArray<int> tokens, ImmutableArray<int> names) =>
        new WeightReader(
            model.Network, tokens, names, new(model.Tokenizer, model.Config.VocabularySize)).Read();

    static double ByHand(Qwen2Model model, HeadIndex head, int[] tokens)
    {
        var gain = model.Rows(model.Weights.Layers[head.Layer].AttentionGain, 0);
        return tokens.Average(token =>
        {
            var input = Normed(Wide(model.Rows(model.Weights.Embedding, token)), gain, model.Config.RmsNormEpsilon);
            var logits = Logits(model, head, input, tokens);
            var own = logits[Array.IndexOf(tokens, token)];
            return own - ((logits.Sum() - own) / (tokens.Length - 1));
        });
    }

    // What a head writes for the normed input of its layer.
    static double[] Logits(Qwen2Model model, HeadIndex head, double[] input, int[] tokens)
    {
        var (config, layer) = (model.Config, model.Weights.Layers[head.Layer]);
        var (width, size) = (config.HiddenSize, config.HeadSize);
        var bias = layer.ValueBias is { } given ? model.Rows(given, 0) : new float[config.KeyValueHeadCount * size];
        var first = head.Head / config.GroupSize * size;
        var values = model.Rows(layer.Value, [.. Enumerable.Range(first, size)]).Chunk(width);
        var outputs = model.Rows(layer.Output, [.. Enumerable.Range(0, width)]).Chunk(config.HeadCount * size);
        double[] value = [.. values.Select((row, i) => Dot(row, input) + bias[first + i])];
        double[] written =
            [.. outputs.Select(row => Dot(row[(head.Head * size)..((head.Head + 1) * size)], value))];
        var normed = Normed(written, model.Rows(model.Weights.FinalGain, 0), 0);
        return [.. tokens.Select(one => Dot(model.Rows(model.Weights.Unembedding, one), normed))];
    }

    static double[][] MeanInputs(Qwen2Model model, SuccessorPrompts prompts, int layer)
    {
        var width = model.Config.HiddenSize;
        var (sums, counts) = (new double[7][], new int[7]);
        for (var number = 0; number < 60; number++)
        {
            var prompt = prompts.Make(number);
            var probe = new RatIlgpu.Testing.RecordingProbe(
                site => site == new Site(Activation.AttentionInput, layer));
            model.Run(prompt.PermutedIds.AsSpan(), new() { Probe = probe });
            foreach (var (element, day) in prompt.Elements.Zip(prompt.PermutedOrdinals))
            {
                counts[day]++;
                sums[day] ??= new double[width];
                for (var i = 0; i < width; i++)
                    sums[day][i] += probe.Shown[0].Numbers[(element * width) + i];
            }
        }

        return [.. sums.Zip(counts, (sum, count) => (double[])[.. sum.Select(number => number / count)])];
    }

    static double[] Wide(float[] row) => [.. row.Select(number => (double)number)];

    static double Dot(float[] row, double[] other) => row.Zip(other, (left, right) => left * right).Sum();

    static double[] Normed(double[] row, float[] gains, double epsilon)
    {
        var scale = Math.Sqrt(row.Average(number => number * number) + epsilon);
        return [.. row.Zip(gains, (number, one) => number * one / scale)];
    }
}
