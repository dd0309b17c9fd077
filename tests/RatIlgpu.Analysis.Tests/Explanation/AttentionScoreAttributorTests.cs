using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class AttentionScoreAttributorTests : IDisposable
{
    // Both sides are sums over F32 runs of one model that add in a different order.
    const double Rounding = 2e-5;

    static readonly HeadIndex Head = new(2, 4);

    readonly InterventionBench bench = new();

    AttentionScoreAttributor Attributor => new(bench.Model);

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Parts_stand_in_the_order_of_the_model_and_the_largest_pairs_come_first()
    {
        var found = Attributor.Explain(bench.Prompt(6), new(1, 2), ^1, 3);
        string[] parts = ["embed", .. Enumerable.Range(0, 6).Select(head => $"L0H{head}"), "0_mlp_out", "bias"];
        Assert.Equal(parts, found.QueryParts.Select(part => part.Label));
        Assert.Equal(parts, found.KeyParts.Select(part => part.Label));
        Assert.Equal((5, 3), (found.Query, found.Key));
        Assert.Equal(bench.Prompt(6), found.TokenIds);
        var top = found.Top(4);
        Assert.Equal(found.Pairs.Select(Math.Abs).OrderDescending().Take(4), top.Select(pair => Math.Abs(pair.Value)));
        var named = found.Top(81).Single(pair => $"{pair}".StartsWith("embed · bias: ", StringComparison.Ordinal));
        Assert.Equal(found[0, 8], named.Value);
        Assert.Equal(81, found.Top(1000).Length);
        Assert.Contains(
            "-1 pairs asked, expected 0 or more.",
            Assert.Throws<ArgumentOutOfRangeException>(() => found.Top(-1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => found[9, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => found[0, -1]);
    }

    [Fact]
    public void Heads_by_token_stand_in_the_place_of_heads()
    {
        var found = Attributor.Explain(bench.Prompt(4), new(1, 2), ^1, 1, new() { SplitHeads = true });
        Assert.Equal(["embed", "L0H0 <- 0", "L0H0 <- 1", "L0H1 <- 0"], found.KeyParts.Take(4).Select(one => one.Label));
        Assert.Equal(1 + (6 * 4) + 2, found.QueryParts.Length);
        Assert.Equal(1 + (6 * 2) + 2, found.KeyParts.Length);
        Assert.Equal(found.Measured, found.Pairs.Sum(), Rounding);
    }

    [Fact]
    public void Captures_are_enough_and_a_run_records_only_the_positions_that_are_read()
    {
        var prompt = bench.Prompt(7);
        foreach (var options in Readings)
            foreach (var split in (bool[])[false, true])
            {
                var asked = options with { SplitHeads = split };
                var captures = AttentionScoreAttributor.Captures(Head, ^1, [2, 6], prompt.Length, asked);
                var run = new Recorder(bench.Model).Record(prompt, captures);
                var (one, two) = (Attributor.Explain(run, Head, ^1, [2, 6], asked), Attributor);
                Assert.Equal(one[0], two.Explain(run, Head, ^1, 2, asked));
                Assert.Equal(one[1].Pairs, two.Explain(run, Head, 6, 6, asked).Pairs);
                var sparse = asked.Reading is ScoreReading.Here or ScoreReading.Foil;
                Assert.Equal(
                    sparse ? options.FoilKey is null ? [2, 6] : [2, 4, 6] : Enumerable.Range(0, 7),
                    run[Site.Embedding].Positions);
                Assert.Equal(new(Activation.RotatedKey, 2), run.Sites.Max(Site.RunOrder));
                Assert.Equal(one[0].Pairs.Length, two.Explain(prompt, Head, ^1, 2, asked).Pairs.Length);
            }
    }

    [Fact]
    public void The_strongest_keys_are_those_with_the_most_attention()
    {
        var prompt = bench.Prompt(9);
        var run = new Recorder(bench.Model).Record(prompt, AttentionScoreAttributor.RowCaptures(Head, ^2));
        var whole = bench.Record(prompt);
        var row = whole[new(Activation.Pattern, 2)].Row(7, Head.Head).ToArray();
        Assert.Equal(
            row.Index().OrderByDescending(one => one.Item).Take(3).Select(one => one.Index),
            Attributor.StrongestKeys(run, Head, ^2, 3));
        Assert.Equal(8, Attributor.StrongestKeys(run, Head, ^2, 100).Length);
        Assert.All(
            row.Zip(Attributor.Explain(whole, Head, ^2, 3).QueryAttention),
            at => Assert.Equal(at.First, at.Second, Rounding));
        Assert.Throws<ArgumentOutOfRangeException>(() => Attributor.StrongestKeys(run, Head, ^2, 0));
    }

    [Theory]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("llama")]
    [InlineData("mistral")]
    public void Padding_is_no_key_and_changes_no_sum(string family)
    {
        using var other = new InterventionBench(TinyQwen2.Families[family]);
        var prompt = other.Prompt(9);
        int[] mask = [0, 0, 1, 1, 1, 0, 1, 1, 1];
        var attributor = new AttentionScoreAttributor(other.Model);
        foreach (var options in Readings)
            foreach (var split in (bool[])[false, true])
            {
                var asked = options with { SplitHeads = split, FoilKey = options.FoilKey is null ? null : 7 };
                var found = attributor.Explain(
                    prompt, Head, ^1, 6, asked, new() { AttentionMask = [.. mask] });
                Assert.Equal(mask, found.AttentionMask!.Value);
                Assert.All(mask.Zip(found.QueryAttention), at => Assert.True(at.First == 1 || at.Second == 0));
                Assert.Equal(1, found.QueryAttention.Sum(), Rounding);
                Assert.Equal(found.Attention, found.QueryAttention[6]);
                Assert.Equal(found.Measured, found.Pairs.Sum(), Rounding * (1 + found.Pairs.Sum(Math.Abs)));
                Assert.Equal(other.Model.Config.HasBiases, found.KeyParts.Any(part => part is ResidualTerm.Bias));
                Assert.DoesNotContain(
                    found.QueryParts, part => part is ResidualTerm.HeadSource { Source: 0 or 1 or 5 });
            }
    }

    [Fact]
    public void A_changed_key_or_value_of_one_head_is_the_one_that_is_explained()
    {
        var prompt = bench.Prompt(6);
        var key = Intervention.Scale(
            bench.At(Activation.RotatedKey, 2, [4], [3], KeyValueScope.QueryHead), -2);
        var plain = Attributor.Explain(prompt, Head, ^1, 3);
        var changed = Attributor.Explain(prompt, Head, ^1, 3, null, new() { Interventions = [key] });
        Assert.Equal(-2 * plain.Score, changed.Score, Rounding);
        Assert.Equal(-3 * plain.Score, changed.Rounding, 10 * Rounding);

        var value = Intervention.Scale(bench.At(Activation.Value, 1, [4], scope: KeyValueScope.QueryHead), -2);
        var split = Attributor.Explain(
            prompt, Head, ^1, 3, new() { SplitHeads = true }, new() { Interventions = [value] });
        Assert.Equal(split.Measured, split.Pairs.Sum(), Rounding * (1 + split.Pairs.Sum(Math.Abs)));
        Assert.InRange(Math.Abs(split.Score - plain.Score), 0.001, double.MaxValue);
    }

    [Fact]
    public void Position_alone_depends_on_the_distance_where_scales_are_equal()
    {
        var (one, other) = (Alone([5, 5, 5, 5, 5, 5, 5, 5], 5, 2), Alone([5, 5, 5, 5, 5, 5, 5, 5], 7, 4));
        Assert.Equal(one, other, Rounding);
        Assert.InRange(Math.Abs(one - Alone([5, 5, 5, 5, 5, 5, 5, 5], 7, 6)), 1e-3, double.MaxValue);

        // The first layer: streams are embeddings, equal at all positions.
        double Alone(int[] prompt, int query, int key) =>
            Attributor.Explain(prompt, new(0, 4), query, key).PositionAlone;
    }

    [Fact]
    public void Position_alone_without_a_mean_embedding_is_the_pair_of_biases()
    {
        using var device = new CpuDevice();
        using var tiny = new TinyQwen2(change: (name, numbers) =>
        {
            if (!name.Contains("embed", StringComparison.Ordinal))
                return;
            for (var row = 0; row < TinyQwen2.Small.VocabularySize; row++)
                for (var i = 0; i < TinyQwen2.Small.HiddenSize; i++)
                    numbers[(row * TinyQwen2.Small.HiddenSize) + i] = row == TinyQwen2.Small.VocabularySize - 1
                        ? 0
                        : (row % 2 == 0 ? 1 : -1) * (1 + (i % 5));
        });
        using var model = tiny.On(device);
        var found = new AttentionScoreAttributor(model).Explain([4, 9, 2, 7], Head, ^1, 1);
        Assert.Equal(found[found.QueryParts.Length - 1, found.KeyParts.Length - 1], found.PositionAlone, 1e-6);
    }

    [Fact]
    public void What_cannot_be_explained_is_refused_in_one_line()
    {
        Refused("Key 4 comes after query 3, which sees only keys up to itself.", query: 3, key: 4);
        Refused("Position 1 is padding, expected that of a token.", key: 1, mask: [1, 0, 1, 1, 1, 1]);
        Refused("Position 5 is padding, expected that of a token.", mask: [1, 1, 1, 1, 1, 0]);
        Refused("position 6 asked, expected 0 to 5, or ^6 to ^1 from the end.", key: 6);
        Refused("L3H0: the model has layers 0 to 2, each with heads 0 to 5.", new(3, 0));
        Refused("L0H6: the model has layers 0 to 2, each with heads 0 to 5.", new(0, 6));
        Refused(
            "Key and foil are both position 2: expected another key to compare it with.", key: 2,
            options: new() { Reading = ScoreReading.Foil, FoilKey = ^4 });
        Refused(
            "The reading is Foil, but there is no foil: give the key to compare with as FoilKey.",
            options: new() { Reading = ScoreReading.Foil });
        Refused(
            "The reading is Here, which compares with no key, but FoilKey is given: use Foil, or leave it out.",
            options: new() { FoilKey = 2 });
        Refused(
            "Query 0 sees no key but 0, so there is no mean of others; the reading 'here' needs none.",
            query: 0, key: 0, options: new() { Reading = ScoreReading.Others });
        Refused("7 is no reading of a score.", options: new() { Reading = (ScoreReading)7 });
        Refused(
            "Heads split by token have up to 17640000 pairs of parts here, more than 16777216: do not split the heads, "
            + "or explain an earlier layer or query.", key: 349, options: new() { SplitHeads = true }, length: 350);

        void Refused(
            string message, HeadIndex? head = null, Index? query = null, int key = 0,
            ScoreAttributionOptions? options = null, ValueArray<int>? mask = null, int length = 6) =>
            Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(() => Attributor.Explain(
                bench.Prompt(length), head ?? Head, query ?? ^1, key, options, new() { AttentionMask = mask }))
                .Message.Split(" (Parameter")[0]);
    }

    [Fact]
    public void A_key_outside_the_window_is_refused()
    {
        using var other = new InterventionBench(TinyQwen2.Mistral);
        var attributor = new AttentionScoreAttributor(other.Model);
        Assert.Equal(
            "Key 3 is outside the window of layer 1, whose query 8 sees keys 4 to 8.",
            Assert.Throws<ArgumentException>(() => attributor.Explain(other.Prompt(9), new(1, 0), ^1, 3)).Message);
        var found = attributor.Explain(other.Prompt(9), new(1, 0), ^1, 4, new() { Reading = ScoreReading.Others });
        Assert.Equal(found.Measured, found.Pairs.Sum(), Rounding * (1 + found.Pairs.Sum(Math.Abs)));
    }

    [Fact]
    public void A_recording_of_another_model_or_without_the_captures_is_refused()
    {
        var prompt = bench.Prompt(6);
        using var other = new InterventionBench(TinyQwen2.Qwen3);
        Assert.Contains("is of another model", Message(other.Record(prompt)), StringComparison.Ordinal);
        Assert.Equal(
            "RotatedQuery of layer 2 was not recorded: ask for RotatedQuery when recording.",
            Message(new Recorder(bench.Model).Record(prompt, [new(Activation.Embedding)])));
        var row = AttentionScoreAttributor.RowCaptures(Head, ^1);
        Assert.Equal(
            "ResidualBefore of layer 2 was not recorded: ask for ResidualBefore when recording.",
            Message(new Recorder(bench.Model).Record(prompt, row)));
        var captures = AttentionScoreAttributor.Captures(Head, ^1, [3], 6);
        var some = captures.Select(one => one.Activation == Activation.HeadOutput ? one with { Heads = [0, 1] } : one);
        Assert.Equal(
            "HeadOutput of layer 0 was recorded of 2 heads, expected all 6.",
            Message(new Recorder(bench.Model).Record(prompt, [.. some])));
        Assert.Contains(
            "Position 2 of ResidualBefore of layer 2 was not recorded",
            Message(new Recorder(bench.Model).Record(prompt, captures), key: 2), StringComparison.Ordinal);

        string Message(Recording run, int key = 3) =>
            Assert.ThrowsAny<ArgumentException>(() => Attributor.Explain(run, Head, ^1, key)).Message;
    }

    static ScoreAttributionOptions[] Readings =>
    [
        new(),
        new() { Reading = ScoreReading.Others },
        new() { Reading = ScoreReading.Foil, FoilKey = 4 },
        new() { Reading = ScoreReading.Gradient },
    ];
}
