using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>Scores of heads against uniform attention, and what is taken away from a model.</summary>
[Properties(Arbitrary = [typeof(HeadAtlasLaws), typeof(ModelCase)])]
public sealed class HeadAtlasLaws
{
    // Sums are rounded to 2⁻⁴⁰, and a score is a quotient of some.
    const double Steps = 1e-9;

    // The stream of a run and that of its branches are summed in other orders.
    const double Rounding = 1e-4;

    // Points are F32.
    const double PointRounding = 1e-4;

    // Every case writes a model to files.
    const int Many = 60;

    internal static Arbitrary<TextCase> Texts { get; } = Arb.From(
        from length in Gen.Choose(2, 40)
        from tokens in Gen.Choose(1, 12)
        from window in Gen.Choose(1, 48)
        from first in Gen.Choose(0, 12)
        from seed in Gen.Choose(0, 1000)
        select new TextCase(length, tokens, window, first, seed),
        TextCase.Smaller);

    internal static Arbitrary<VectorsCase> Vectors { get; } = Arb.From(
        from count in Gen.Choose(0, 12)
        from size in Gen.Choose(2, 6)
        from seed in Gen.Choose(0, 1000)
        select new VectorsCase(count, size, seed),
        VectorsCase.Smaller);

    [Law]
    internal void Every_score_of_uniform_attention_is_its_chance_level(TextCase text)
    {
        var (found, count) = (text.Statistics((_, seen, _) => 1.0 / seen), 0);
        foreach (var score in found.Layout.Scores)
            if (found.Of(score, TextCase.Head) is { } own)
            {
                count++;
                Assert.Equal(own.Chance!.Value, own.Raw, Steps);
            }

        Assert.True(count > 0 || text.Length <= text.First);
        foreach (var (mean, chance) in
            found.ProfileOf(TextCase.Head).Zip(found.ChanceProfileOf(TextCase.Head)))
            Assert.Equal(chance ?? -1, mean ?? -1, Steps);
    }

    [Law]
    internal void Shares_of_the_attention_that_is_left_are_from_0_to_1(TextCase text)
    {
        var random = text.Random();
        var found = text.Statistics((_, seen, place) => seen == 1 ? 1
            : place == 0 ? random[seen] : (1 - random[seen]) / (seen - 1));
        foreach (var score in found.Layout.Scores)
            if (found.Of(score, TextCase.Head) is { } own)
                foreach (var share in (double[])[own.Raw, own.WithoutFirst ?? 0, own.WithoutSelf ?? 0])
                    Assert.InRange(share, -1e-6, 1 + 1e-6);
    }

    [Law]
    internal void Main_directions_are_those_of_vectors_turned_round_and_moved(VectorsCase vectors)
    {
        var (found, turned) = (vectors.Of(1, 0), vectors.Of(-1, 3));
        Assert.InRange(found.FirstShare, found.SecondShare, 1);
        Assert.InRange(found.SecondShare, 0, 1);
        Assert.InRange(found.FirstShare + found.SecondShare, 0, 1 + 1e-9);
        Assert.Equal(found.FirstShare, turned.FirstShare, PointRounding);
        Assert.Equal(found.SecondShare, turned.SecondShare, PointRounding);
        // Of equal shares any direction of their plane is a main one.
        if (found.FirstShare - found.SecondShare > 0.1)
            for (var i = 0; i < vectors.Count; i++)
                Assert.Equal(-found.Points[2 * i], turned.Points[2 * i], PointRounding);
    }

    [Law(Many)]
    public void Heads_taken_away_in_branches_are_those_of_a_whole_run(ModelCase some) => some.Holds((_, model, ids) =>
    {
        var config = model.Config;
        ImmutableArray<HeadIndex> all =
        [
            .. from layer in Enumerable.Range(0, config.LayerCount)
               from head in Enumerable.Range(0, config.HeadCount)
               select new HeadIndex(layer, head),
        ];
        ScoredSequence sequence = new([.. ids], [new(ids.Length - 1, 1), new(ids.Length - 1, 2, 3)]);
        ImmutableArray<ValueArray<HeadIndex>> sets =
        [
            [], [all[some.Seed % all.Length]], [.. all.Where(head => (head.Layer + head.Head + some.Seed) % 2 == 0)],
            [.. all],
        ];
        var found = new AblatedRuns(model, [sequence]).Measure(
            [.. sets.Select(set => new AblatedHeads(set, HeadAblation.Zero))]);
        foreach (var (number, set) in sets.Index())
            Assert.Equal(WholeRun(model, sequence, set), found[number][0], Rounding);
    });

    [Law(Many)]
    public void A_head_that_writes_nothing_feeds_none(ModelCase some)
    {
        var deep = some with { Layers = Math.Max(2, some.Layers), Family = "qwen2", Length = 2 * some.Length };
        var config = deep.Config();
        var silent = some.Seed % config.HeadCount;
        using var tiny = deep.Make((name, numbers) =>
        {
            if (name.Contains("layers.0.self_attn.o_proj", StringComparison.Ordinal))
                for (var i = 0; i < numbers.Length; i++)
                    if (i / config.HeadSize % config.HeadCount == silent)
                        numbers[i] = 0;
        });
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        int[] half = [.. Enumerable.Range(1, some.Length)];
        ImmutableArray<int> ids = [.. half, .. half];
        var cells = SequenceMarks.OfRepeats(
            AtlasLayouts.Of(AtlasPass.Repeats, config), new(ids, 0, 0, half.Length));
        ImmutableArray<FeederTarget> targets =
        [
            .. Enumerable.Range(0, config.HeadCount).Select(head =>
                new FeederTarget(new(1, head), "induction", AtlasPass.Repeats, 0, 0)),
        ];
        foreach (var (_, feeders) in new FeederFinder(model, [new(ids, cells)], targets).Of(1, targets))
            Assert.DoesNotContain(feeders, feeder => feeder.Source.Head == silent);
    }

    static double WholeRun(Qwen2Model model, ScoredSequence sequence, ValueArray<HeadIndex> heads)
    {
        using var probe = new InterventionProbe(
            model, [.. heads.Select(head => Intervention.Zero(
                InterventionTarget.At(model, Activation.HeadOutput, head.Layer, [head.Head])))]);
        using var logits = model.Forward(sequence.Ids.AsSpan(), new() { Probe = probe });
        var (numbers, width) = (model.Device.Download(logits), model.Config.VocabularySize);
        return sequence.Scored.Average(one =>
        {
            var row = numbers.AsSpan(one.Position * width, width);
            var sum = 0.0;
            foreach (var number in row)
                sum += Math.Exp(number);
            return one.Other is { } other ? row[one.Token] - row[other] : Math.Log(sum) - row[one.Token];
        });
    }

    /// <summary>A text of few different tokens, and the window of a layer.</summary>
    /// <param name="Length">The number of tokens.</param>
    /// <param name="Tokens">The number of different ones.</param>
    /// <param name="Window">How many keys a query sees.</param>
    /// <param name="First">The first query that is scored.</param>
    /// <param name="Seed">The seed of the tokens.</param>
    internal sealed record TextCase(int Length, int Tokens, int Window, int First, int Seed)
    {
        public static HeadIndex Head => new(0, 0);

        public double[] Random()
        {
            var random = new Random(Seed);
            return [.. Enumerable.Range(0, Length + 1).Select(_ => random.NextDouble())];
        }

        // attention: of a query, of how many keys it sees, and of which of them.
        public PassStatistics Statistics(Func<int, int, int, double> attention)
        {
            var config = TinyQwen2.Small with
            {
                LayerCount = 1,
                SlidingWindow = Window,
                MaxWindowLayers = 0,
            };
            var layout = AtlasLayouts.Of(AtlasPass.Text, config);
            var random = new Random(Seed);
            int[] Draw(int below) => [.. Enumerable.Range(0, Length).Select(_ => random.Next(below))];
            var cells = SequenceMarks.OfText(layout, new(
                [.. Draw(Tokens)], Math.Min(First, Length), [.. Draw(6).Select(kind => kind - 1)],
                [.. Draw(2).Select(one => one == 0)], [.. Draw(2).Select(one => one == 0)]));
            var pattern = new double[Length * Length];
            for (var query = 0; query < Length; query++)
            {
                var seen = Math.Min(query + 1, Window);
                for (var place = 0; place < seen; place++)
                    pattern[(query * Length) + query - seen + 1 + place] = attention(query, seen, place);
            }

            var (sums, found) = (new PassSums(layout, config.HeadCount), new double[cells.Sums.RowCount]);
            cells.Sums.Sum(pattern, found);
            var unit = new UnitScorer(sums, 0, 0);
            unit.Add(cells);
            unit.Add(cells, 0, found);
            unit.Finish();
            return new(sums, config);
        }

        public static IEnumerable<TextCase> Smaller(TextCase text)
        {
            if (text.Length > 2)
                yield return text with { Length = text.Length - 1 };
            if (text.Tokens > 1)
                yield return text with { Tokens = text.Tokens - 1 };
            if (text.First > 0)
                yield return text with { First = text.First - 1 };
            if (text.Window < text.Length)
                yield return text with { Window = text.Length };
        }
    }

    /// <summary>Random vectors.</summary>
    /// <param name="Count">How many.</param>
    /// <param name="Size">How long.</param>
    /// <param name="Seed">Their seed.</param>
    internal sealed record VectorsCase(int Count, int Size, int Seed)
    {
        public HeadVectors Of(float factor, float added)
        {
            var random = new Random(Seed);
            return Directions.Of(HeadVectorKind.Key,
            [
                .. Enumerable.Range(0, Count).Select(_ => (float[])
                    [.. Enumerable.Range(0, Size).Select(_ => (factor * random.NextSingle()) + added)]),
            ]);
        }

        public static IEnumerable<VectorsCase> Smaller(VectorsCase vectors)
        {
            if (vectors.Count > 0)
                yield return vectors with { Count = vectors.Count - 1 };
            if (vectors.Size > 2)
                yield return vectors with { Size = vectors.Size - 1 };
        }
    }
}
