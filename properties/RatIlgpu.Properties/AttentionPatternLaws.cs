using System.Buffers;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(AttentionPatternLaws)])]
public sealed class AttentionPatternLaws
{
    internal static Arbitrary<PatternCase> Cases { get; } = Arb.From(
        from tokens in Gen.Choose(1, 40)
        from heads in Gen.Choose(1, 4)
        from isCausal in Gen.Elements(true, false)
        from lower in Gen.Choose(1, tokens)
        from times in Gen.Choose(1, tokens / lower)
        from whole in Gen.Elements(true, false)
        from strongest in Gen.Choose(1, 12)
        from fewer in Gen.Choose(1, strongest)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select new PatternCase(
            new(tokens, isCausal), heads, seed, new(whole ? tokens : lower * times, strongest), new(lower, fewer)),
        Smaller);

    [Law]
    internal void A_code_is_within_half_a_step_of_its_probability(PatternCase of)
    {
        foreach (var probability in of.Head(0).SelectMany(row => row))
            Assert.InRange(
                Math.Abs(PatternCode.Of(probability) - (probability * (double)PatternCode.One)), 0, 0.5);
    }

    [Law]
    internal void A_weighted_code_is_within_a_step_of_the_weighted_probability(PatternCase of)
    {
        foreach (var (probability, factor) in of.Head(0).SelectMany(row => row).Zip(of.Factors))
            Assert.InRange(
                Math.Abs(PatternCode.Weighted(PatternCode.Of(probability), PatternCode.Of(factor))
                    - (probability * (double)factor * PatternCode.One)),
                0, 1.5);
    }

    [Law]
    internal void Numbers_read_back_as_they_were_written(PatternCase of)
    {
        var codes = of.Exact(0).Codes;
        var bytes = new ArrayBufferWriter<byte>();
        ShortNumbers.Write(bytes, codes);
        var rest = bytes.WrittenSpan;
        Assert.Equal(codes, ShortNumbers.Read(ref rest, codes.Length));
        Assert.True(rest.IsEmpty);
    }

    [Law]
    internal void A_pooled_pattern_reads_back_as_it_was_written(PatternCase of)
    {
        var pattern = of.Largest();
        var bytes = new ArrayBufferWriter<byte>();
        pattern.Write(bytes);
        var rest = bytes.WrittenSpan;
        Same(pattern, PooledPattern.Read(of.Shape, of.Tier, 1, true, ref rest));
        Assert.True(rest.IsEmpty);
    }

    [Law]
    internal void A_pooled_pattern_shows_every_cell_within_its_error(PatternCase of)
    {
        var pooled = of.Pooled(0);
        foreach (var (query, shown) in pooled.ShownRows().Index())
            foreach (var (code, recorded) in shown.Zip(of.Exact(0).Row(query).ToArray()))
                Assert.InRange(Math.Abs(code - recorded), 0, pooled.LargestError());
    }

    [Law]
    internal void A_smaller_map_shows_no_less_than_the_pattern_has(PatternCase of)
    {
        if (of.Tier.SideFor(of.Shape) == of.Shape.Tokens)
            return;
        foreach (var (query, shown) in of.Pooled(0).ShownRows().Index())
            foreach (var (code, recorded) in shown.Zip(of.Exact(0).Row(query).ToArray()))
                Assert.InRange(recorded, 0, code);
    }

    [Law]
    internal void The_strongest_keys_of_every_query_are_exact(PatternCase of)
    {
        foreach (var (query, shown) in of.Pooled(0).ShownRows().Index())
        {
            var row = of.Exact(0).Row(query).ToArray();
            foreach (var key in Enumerable.Range(0, row.Length).OrderByDescending(key => row[key])
                .Take(of.Tier.Strongest))
                Assert.Equal(row[key], shown[key]);
        }
    }

    [Law]
    internal void A_pooled_pattern_has_the_sum_of_every_query(PatternCase of) => Assert.Equal(
        Enumerable.Range(0, of.Shape.Tokens).Select(query => (uint)of.Exact(0).Row(query).ToArray().Sum(code => code)),
        of.Pooled(0).Sums[0]);

    [Law]
    internal void A_pooled_pattern_with_less_detail_is_that_of_the_whole_pattern(PatternCase of) => Same(
        PooledPattern.Of(of.Exact(0), of.LowerTier, [null]), of.Pooled(0).Lowered(of.LowerTier));

    [Law]
    internal void The_largest_over_the_heads_is_the_pooled_pattern_of_the_largest_codes(PatternCase of)
    {
        var largest = of.Exact(0).Codes.ToArray();
        for (var head = 1; head < of.Heads; head++)
            largest = [.. largest.Zip(of.Exact(head).Codes, Math.Max)];
        var expected = PooledPattern.Of(new(of.Shape, largest), of.Tier, [null]);
        var found = of.Largest();
        Same(expected with { Sums = found.Sums, Winners = found.Winners }, found);
    }

    [Law]
    internal void The_winner_of_a_cell_is_the_first_head_that_has_its_code(PatternCase of)
    {
        var pattern = of.Largest();
        for (var (query, place) = (0, 0); query < of.Shape.Tokens; query++)
            for (var last = place + pattern.Counts[query]; place < last; place++)
                Assert.Equal(
                    Enumerable.Range(0, of.Heads).First(
                        head => of.Exact(head).Row(query)[pattern.Keys[place]] == pattern.Codes[place]),
                    pattern.Winners![place]);
    }

    // Arrays in a record are equal only if they are one.
    static void Same(PooledPattern expected, PooledPattern actual)
    {
        Assert.Equal(
            (expected.Shape, expected.Side, expected.Strongest), (actual.Shape, actual.Side, actual.Strongest));
        Assert.Equal(expected.Map, actual.Map);
        Assert.Equal(expected.Counts, actual.Counts);
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.Equal(expected.Codes, actual.Codes);
        Assert.Equal(expected.Sums, actual.Sums);
        Assert.Equal(expected.Winners, actual.Winners);
    }

    static IEnumerable<PatternCase> Smaller(PatternCase of)
    {
        if (of.Heads > 1)
            yield return of with { Heads = 1 };
        if (of.Shape.Tokens > 1)
        {
            var tokens = of.Shape.Tokens / 2;
            yield return of with
            {
                Shape = of.Shape with { Tokens = tokens },
                Tier = of.Tier with { Side = tokens },
                LowerTier = of.LowerTier with { Side = Math.Min(tokens, of.LowerTier.Side) },
            };
        }

        if (of.Tier.Strongest > 1)
            yield return of with
            {
                Tier = of.Tier with { Strongest = of.Tier.Strongest - 1 },
                LowerTier = of.LowerTier with { Strongest = 1 },
            };
    }
}

/// <summary>Patterns of heads, and two tiers, of which the second has less detail.</summary>
sealed record PatternCase(PatternShape Shape, int Heads, int Seed, PatternTier Tier, PatternTier LowerTier)
{
    // Ties, zeros, ones and small numbers are where an encoding can go wrong.
    static readonly float[] Likely =
        [0, 1, 0.5f, 0.25f, 1f / 65_535, 0.4f / 65_535, 0.6f / 65_535, 254f / 65_535, 255f / 65_535];

    public float[] Factors => [.. Numbers(-1).Take(Shape.Tokens)];

    public float[][] Head(int head) =>
        [.. Numbers(head).Take(Shape.Tokens * Shape.Tokens).Chunk(Shape.Tokens)];

    public ExactPattern Exact(int head)
    {
        var rows = Head(head);
        return new(Shape,
        [
            .. rows.Index().SelectMany(row => row.Item.Take(Shape.LengthOf(row.Index)).Select(PatternCode.Of)),
        ]);
    }

    public PooledPattern Pooled(int head) => PooledPattern.Of(Exact(head), Tier, [null]);

    public PooledPattern Largest()
    {
        var largest = new LargestOfHeads(Shape, Tier);
        for (var head = 0; head < Heads; head++)
            for (var query = 0; query < Shape.Tokens; query++)
                largest.Add(head, query, Exact(head).Row(query));
        return largest.ToPattern();
    }

    IEnumerable<float> Numbers(int stream)
    {
        var random = new Random(Seed ^ (stream * 7919));
        while (true)
            yield return random.Next(3) switch
            {
                0 => Likely[random.Next(Likely.Length)],
                1 => random.NextSingle(),
                _ => MathF.Pow(random.NextSingle(), 8),
            };
    }
}
