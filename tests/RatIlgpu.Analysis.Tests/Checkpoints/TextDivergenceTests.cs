using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class TextDivergenceTests
{
    // Each logit and pattern of this small model is known to some 1e-6.
    const double Rounding = 1e-5;

    static readonly DiffOptions TwoPrompts = new()
    {
        Prompts = [new([3, 1, 4, 1, 5, 9, 2, 6]), new([.. Enumerable.Range(0, 90).Select(i => i * i % 97)])],
    };

    [Fact]
    public void A_checkpoint_against_itself_behaves_exactly_alike()
    {
        using var pair = new TinyPair();
        var texts = pair.Read(TwoPrompts).Texts!;
        Assert.Equal(0, texts.MeanKl);
        Assert.Equal(texts.LossA, texts.LossB);
        Assert.Empty(texts.Predictions);
        Assert.All(texts.Texts.SelectMany(text => text.Kl), kl => Assert.Equal(0, kl));
        Assert.All(texts.Heads, head => Assert.Equal(
            (default(PatternDivergence), default(PatternDivergence), 96L), (head.Mean, head.Most, head.Count)));
        Assert.All(texts.Cosines, cosine => Assert.Equal(1, cosine));
        Assert.Equal(98, texts.PositionCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Attention_logits_and_streams_are_those_of_whole_runs(bool hasWindow)
    {
        // On the definition, where the two ways differ by 6e-6: divergences of this model are up to 3, and on the
        // processor each way alone is up to 3e-5 from it, at every level.
        using var pair = Changed(new PlainDevice(), hasWindow ? TinyQwen2.Mistral : null);
        var texts = pair.Read(TwoPrompts).Texts!;
        var (patterns, kl) = (new List<PatternDivergence>[18], new List<double>());
        for (var i = 0; i < patterns.Length; i++)
            patterns[i] = [];
        foreach (var prompt in TwoPrompts.Prompts)
        {
            var (a, b) = (Record(pair.A, prompt), Record(pair.B, prompt));
            for (var query = 0; query < prompt.TokenIds.Length; query++)
                kl.Add(Divergence(a, b, query));
            for (var place = 0; place < patterns.Length; place++)
                for (var query = 1; query < prompt.TokenIds.Length; query++)
                    patterns[place].Add(PatternDivergence.Of(Row(a, place, query), Row(b, place, query)));
        }

        Assert.Equal(kl.Average(), texts.MeanKl!.Value, Rounding);
        Assert.Equal(kl, texts.Texts.SelectMany(text => text.Kl), (x, y) => Math.Abs(x - y) < Rounding);
        for (var place = 0; place < patterns.Length; place++)
        {
            Assert.Equal(new HeadIndex(place / 6, place % 6), texts.Heads[place].Head);
            Assert.Equal(
                patterns[place].Average(one => one.JensenShannon), texts.Heads[place].Mean.JensenShannon, Rounding);
            Assert.Equal(
                patterns[place].Max(one => one.TotalVariation), texts.Heads[place].Most.TotalVariation, Rounding);
        }

        // The change is in layer 1: layer 0 is alike, bit by bit.
        Assert.All(texts.Heads.Take(6), head => Assert.Equal(default, head.Most));
        Assert.Equal(1, texts.Cosines[0]);
        Assert.InRange(texts.Cosines[1], -1, 0.9999);

        static ReadOnlySpan<float> Row(Recording run, int place, int query) =>
            run[new(Activation.Pattern, place / 6)].Row(query, place % 6);
    }

    [Fact]
    public void Changed_predictions_have_both_tokens_with_the_probabilities_of_both_models()
    {
        using var pair = Changed();
        var texts = pair.Read(TwoPrompts).Texts!;
        Assert.NotEmpty(texts.Predictions);
        Assert.Equal(texts.Predictions.OrderByDescending(one => one.Kl), texts.Predictions);
        foreach (var (text, position, a, b, kl) in texts.Predictions)
        {
            Assert.NotEqual(a.Token, b.Token);
            Assert.True(a.ChanceA > b.ChanceA && b.ChanceB > a.ChanceB);
            Assert.Equal(texts.Texts[text].Kl[position], kl);
            var logits = Record(pair.A, TwoPrompts.Prompts[text])[Site.Logits].Row(position).ToArray();
            Assert.Equal(a.Token.Id, Enumerable.Range(0, logits.Length).MaxBy(id => logits[id]));
            Assert.Equal(
                Math.Exp(logits[a.Token.Id] - Logits.LogSumExp(logits)), a.ChanceA, Rounding);
        }
    }

    [Fact]
    public void Swapping_the_models_swaps_losses_and_keeps_what_is_symmetric()
    {
        using var pair = Changed();
        var (there, back) = (pair.Read(TwoPrompts).Texts!, pair.ReadBack(TwoPrompts).Texts!);
        Assert.Equal((there.LossA, there.LossB), (back.LossB, back.LossA));
        Assert.Equal(there.Heads.Items, back.Heads.Items);
        Assert.Equal(there.Cosines, back.Cosines);
        Assert.Equal(
            there.Predictions.Select(one => (one.Text, one.Position, one.A.Token, one.B.Token)).Order(),
            back.Predictions.Select(one => (one.Text, one.Position, one.B.Token, one.A.Token)).Order(),
            (x, y) => (x.Text, x.Position) == (y.Text, y.Position) && x.Item3 == y.Item3 && x.Item4 == y.Item4);
        Assert.True(there.MeanKl > 0 && back.MeanKl > 0);
    }

    [Fact]
    public void Models_without_logits_are_compared_by_attention_and_streams()
    {
        using var device = new CpuDevice();
        using var one = new ModelVariant(isTied: false, change: WithoutHead);
        using var other = new ModelVariant(isTied: false, change: WithoutHead);
        using var a = one.Load(device);
        using var b = other.Load(device);
        var texts = new CheckpointDiffer(a, b).Read(TwoPrompts).Texts!;
        Assert.Null(texts.MeanKl);
        Assert.Null(texts.LossA);
        Assert.All(texts.Texts, text => Assert.Empty(text.Kl));
        Assert.Equal(18, texts.Heads.Length);

        static IEnumerable<Weights.SafetensorsTensor> WithoutHead(Weights.SafetensorsTensor tensor) =>
            tensor.Name == "lm_head.weight" ? [] : [tensor];
    }

    [Fact]
    public void A_prompt_that_does_not_fit_is_refused_before_anything_is_run()
    {
        using var pair = new TinyPair();
        Assert.Contains(
            "token 97", Assert.Throws<ArgumentException>(() => pair.Read(new() { Prompts = [new([97])] })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "empty", Assert.Throws<ArgumentException>(() => pair.Read(new() { Prompts = [new([])] })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_without_a_key_in_common_are_as_far_apart_as_rows_can_be()
    {
        Assert.Equal(new(Math.Log(2), 1), PatternDivergence.Of([1, 0, 0], [0, 0.5f, 0.5f]));
        Assert.Equal(default, PatternDivergence.Of([0.25f, 0.75f], [0.25f, 0.75f]));
        // m = (0.75, 0.25): ½ (1 · log(4/3)) + ½ (½ log(2/3) + ½ log 2).
        var half = PatternDivergence.Of([1, 0], [0.5f, 0.5f]);
        Assert.Equal(
            (Math.Log(4.0 / 3) / 2) + (Math.Log(2.0 / 3) / 4) + (Math.Log(2) / 4), half.JensenShannon, 1e-12);
        Assert.Equal(0.5, half.TotalVariation, 1e-12);
    }

    [Fact]
    public void The_bits_are_the_same_for_every_number_of_threads_and_of_rows_at_a_time()
    {
        var expected = Read(1, int.MaxValue);
        foreach (var (threads, most) in ((int, int)[])[(2, int.MaxValue), (3, 1), (1, 6 * 90 * 7)])
        {
            var found = Read(threads, most);
            Assert.Equal(expected.Heads.Items, found.Heads.Items);
            Assert.Equal(expected.Predictions, found.Predictions);
            Assert.Equal(expected.Texts.Select(text => text.Kl), found.Texts.Select(text => text.Kl));
            Assert.Equal((expected.LossA, expected.LossB), (found.LossA, found.LossB));
        }

        static TextDivergence Read(int threads, int most)
        {
            // So many tokens that rows of logits are read on several threads.
            using var pair = Changed(
                new CpuDevice(threads), TinyQwen2.Small with { VocabularySize = 2_111 });
            return Differ(pair, most);
        }
    }

    [Fact]
    public void A_whole_pattern_is_never_held()
    {
        var device = new WatchedDevice(new CpuDevice());
        using var pair = Changed(device);
        Differ(pair, 6 * 90 * 10);
        // A block of logits is the largest.
        Assert.Equal(64 * 97, device.Largest);
        Assert.InRange(device.Largest, 1, (6 * 90 * 90) - 1);
    }

    [Fact]
    public void Logits_of_all_texts_lie_in_the_same_memory()
    {
        var (once, twice) = (Allocated([.. Long]), Allocated([.. Long, .. Long]));
        // A text more allocates all but logits again; each model has 64 rows of these.
        Assert.Equal(2L * 64 * 97, (2 * once) - twice);

        long Allocated(ImmutableArray<AnalysisPrompt> prompts)
        {
            var device = new WatchedDevice(new CpuDevice());
            using var pair = Changed(device);
            // Makes the angles of the positions.
            Differ(pair, int.MaxValue, Long);
            var before = device.Allocated;
            Differ(pair, int.MaxValue, prompts);
            return device.Allocated - before;
        }
    }

    [Fact]
    public void Stops_between_the_rows_of_a_pattern()
    {
        using var stop = new CancellationTokenSource();
        using var device = new StoppingDevice(stop);
        using var pair = Changed(device);
        device.IsArmed = true;
        Assert.Throws<OperationCanceledException>(() => Differ(pair, 1, TwoPrompts.Prompts, stop.Token));
        Assert.Equal(2, device.Patterns);
    }

    static IEnumerable<AnalysisPrompt> Long => TwoPrompts.Prompts.Skip(1);

    static TextDivergence Differ(TinyPair pair, int most) => Differ(pair, most, TwoPrompts.Prompts);

    static TextDivergence Differ(
        TinyPair pair, int most, IEnumerable<AnalysisPrompt> prompts, CancellationToken cancellation = default) =>
        new TextDiffer(CheckpointPair.Of(pair.A, pair.B), most).Read(
            [.. prompts.Select(prompt => new TextSequence(0, 0, "", [.. prompt.TokenIds], 0))], "",
            cancellation: cancellation);

    static TinyPair Changed(Device? on = null, Qwen2Config? config = null) => new(
        (name, numbers) =>
        {
            if (name == "model.layers.1.self_attn.q_proj.weight")
                for (var i = 0; i < numbers.Length; i++)
                    numbers[i] *= 1 - (i % 7 * 0.1f);
        },
        config,
        on: on);

    static Recording Record(LanguageModel model, AnalysisPrompt prompt) => new Recorder(model.Network).Record(
        prompt.TokenIds, [new(Activation.Pattern), new(Activation.Logits) { Positions = null }]);

    static double Divergence(Recording a, Recording b, int position)
    {
        var one = a[Site.Logits].Row(position);
        var other = b[Site.Logits].Row(position);
        var (sumA, sumB) = (Logits.LogSumExp(one), Logits.LogSumExp(other));
        var divergence = 0.0;
        for (var id = 0; id < one.Length; id++)
            divergence += Math.Exp(one[id] - sumA) * (one[id] - sumA - (other[id] - sumB));
        return divergence;
    }

    // Is stopped while rows of a pattern are computed.
    sealed class StoppingDevice(CancellationTokenSource stop) : WatchedDevice
    {
        public bool IsArmed { get; set; }

        public int Patterns { get; private set; }

        protected override void PatternCore(Tensor query, Tensor key, Visibility visibility, Tensor result)
        {
            base.PatternCore(query, key, visibility, result);
            if (!IsArmed)
                return;
            Patterns++;
            stop.Cancel();
        }
    }
}
