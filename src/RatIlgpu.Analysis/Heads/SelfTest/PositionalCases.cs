namespace RatIlgpu.Analysis;

/// <summary>The cases of heads that look at positions or at a few keys.</summary>
static class PositionalCases
{
    const int Tokens = 64, SinkTokens = 128, LongTokens = 512, SinkKappa = 9, FewKappa = 3;

    static readonly HeadIndex Uniform = new(0, 0), Offset = new(0, PositionalModels.OffsetHead);

    /// <summary>Gets the cases.</summary>
    public static IEnumerable<SelfTestCase> All =>
        [.. OfUniform(), .. OfOffsets(), .. OfQwen2Sizes(), .. OfSink(), .. OfFewKeys()];

    /// <summary>Gets the tokens that <see cref="PositionalModels.KeySelective"/> looks at in the cases.</summary>
    static ImmutableArray<int> Few { get; } = [3, 11];

    /// <summary>Returns a prompt in which tokens come in a mixed order, <c>(7 i + i div 16) mod 16</c>.</summary>
    internal static int[] Prompt(int tokens) =>
        [.. Enumerable.Range(0, tokens).Select(i => ((7 * i) + (i / 16)) % ConstructedShape.Vocabulary)];

    /// <summary>Returns a prompt whose first token is 0, and no other.</summary>
    internal static int[] SinkPrompt(int tokens) =>
        [0, .. Enumerable.Range(0, tokens - 1).Select(i => 1 + (4 * i % (ConstructedShape.Vocabulary - 1)))];

    /// <summary>Returns the pattern of a head that looks back, by formula.</summary>
    internal static double[][] Pattern(int tokens, int offset, double strength, ConstructedShape shape) =>
        ClosedForms.Pattern(
            tokens, (query, key) => ClosedForms.LookBack(shape, query - key, offset, strength));

    static IEnumerable<SelfTestCase> OfUniform()
    {
        int[] ids = Prompt(Tokens), halves = [.. Prompt(16), .. Prompt(16)];
        yield return Case("previous token", ClosedForms.UniformOffset(Tokens, 1),
            run => PatternScores.Offset(run.Pattern(ids, Uniform), 1));
        yield return Case("first token", ClosedForms.UniformFirst(Tokens),
            run => PatternScores.First(run.Pattern(ids, Uniform)));
        yield return Case("10 tokens back", ClosedForms.UniformOffset(Tokens, 10),
            run => PatternScores.Offset(run.Pattern(ids, Uniform), 10));
        yield return Case("induction", ClosedForms.UniformInduction(16),
            run => PatternScores.Induction(run.Pattern(halves, Uniform), 16));
        yield return Case("duplicate token", ClosedForms.UniformDuplicate(ids),
            run => PatternScores.Duplicate(run.Pattern(ids, Uniform), ids));
        yield return Case("attention to two tokens over their availability", 1,
            run => PatternScores.Keys(run.Pattern(ids, Uniform), ids, Few.Contains)
                / Enumerable.Range(0, Tokens).Average(query => ids[..(query + 1)].Count(Few.Contains) / (query + 1.0)));

        static SelfTestCase Case(string name, double expected, Func<ConstructedRun, double> find) =>
            new("uniform", name, PositionalModels.Uniform, expected, find);
    }

    static IEnumerable<SelfTestCase> OfOffsets()
    {
        var shape = ConstructedShape.Reference;
        var ids = Prompt(Tokens);
        foreach (var (offset, strength) in ((int, double)[])[(1, 110), (1, 200), (4, 200)])
        {
            var pattern = Pattern(Tokens, offset, strength, shape);
            var checkpoint = FormattableString.Invariant($"offset-{offset}-strength-{strength}");
            yield return Case(FormattableString.Invariant($"{offset} back"), PatternScores.Offset(pattern, offset),
                run => PatternScores.Offset(run.Pattern(ids, Offset), offset));
            yield return Case("offset of the largest mean", offset,
                run => PatternScores.PeakOffset(run.Pattern(ids, Offset), 1));
            yield return Case("first token", PatternScores.First(pattern),
                run => PatternScores.First(run.Pattern(ids, Offset)));
            yield return Case("previous token of the uniform head with the same keys",
                ClosedForms.UniformOffset(Tokens, 1), run => PatternScores.Offset(run.Pattern(ids, Uniform), 1));

            SelfTestCase Case(string name, double expected, Func<ConstructedRun, double> find) =>
                new(checkpoint, name, () => PositionalModels.Offset(offset, strength), expected, find);
        }
    }

    static IEnumerable<SelfTestCase> OfQwen2Sizes()
    {
        var shape = ConstructedShape.Qwen2;
        foreach (var (tokens, strength) in ((int, double)[])[(Tokens, 100), (LongTokens, 400)])
        {
            var ids = Prompt(tokens);
            yield return new(
                FormattableString.Invariant($"offset-1-strength-{strength}-base-million"),
                FormattableString.Invariant($"previous token of {tokens}"),
                () => PositionalModels.Offset(1, strength, shape),
                PatternScores.Offset(Pattern(tokens, 1, strength, shape), 1),
                run => PatternScores.Offset(run.Pattern(ids, Offset), 1));
        }
    }

    static IEnumerable<SelfTestCase> OfSink()
    {
        var ids = SinkPrompt(SinkTokens);
        const int Last = SinkTokens - 1;
        yield return Case("first token", ClosedForms.Sink(SinkKappa, SinkTokens),
            run => PatternScores.First(run.Pattern(ids, Uniform)));
        yield return Case("offset of the largest mean, which is the first token seen by the last", Last,
            run => PatternScores.PeakOffset(run.Pattern(ids, Uniform)));
        yield return Case("mean at that offset", ClosedForms.KeyShare(SinkKappa, 1, Last),
            run => PatternScores.Offset(run.Pattern(ids, Uniform), Last));
        yield return Case("largest mean without the first token", LargestWithoutFirst(),
            run => Largest(run.Pattern(ids, Uniform)));

        static SelfTestCase Case(string name, double expected, Func<ConstructedRun, double> find) =>
            new("sink", name, () => PositionalModels.KeySelective(SinkKappa, 0), expected, find);

        // Every key but the first has 1 / (e^κ + i), whose mean over i = δ + 1 to T − 1 is largest for δ = 1.
        static double LargestWithoutFirst() =>
            Enumerable.Range(2, SinkTokens - 2).Average(query => 1 / (Math.Exp(SinkKappa) + query));

        static double Largest(double[][] pattern) =>
            PatternScores.Offset(pattern, PatternScores.PeakOffset(pattern, 1), 1);
    }

    static IEnumerable<SelfTestCase> OfFewKeys()
    {
        var ids = Prompt(Tokens);
        yield return new(
            "key-selective", "attention to two tokens", () => PositionalModels.KeySelective(FewKappa, Few),
            Enumerable.Range(0, Tokens).Average(query =>
                ClosedForms.KeyShare(FewKappa, ids[..(query + 1)].Count(Few.Contains), query)),
            run => PatternScores.Keys(run.Pattern(ids, Uniform), ids, Few.Contains));
    }
}
