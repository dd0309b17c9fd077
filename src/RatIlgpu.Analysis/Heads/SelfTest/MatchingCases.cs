namespace RatIlgpu.Analysis;

/// <summary>The cases of heads that look for tokens.</summary>
static class MatchingCases
{
    /// <summary>The score of the ordinal before, κ.</summary>
    public const int SuccessorKappa = 15;

    static readonly HeadIndex Duplicates = new(0, MatchingModels.DuplicateHead);
    static readonly HeadIndex Successors = new(0, MatchingModels.SuccessorHead);
    static readonly HeadIndex Idle = new(0, 0);

    /// <summary>Gets the cases.</summary>
    public static IEnumerable<SelfTestCase> All => [.. OfDuplicates(), .. OfSuccessors(), .. OfIncrement()];

    /// <summary>Gets the score of a duplicate in the cases, κ.</summary>
    internal static double DuplicateKappa => 30;

    /// <summary>Gets every token once, and then again.</summary>
    internal static ImmutableArray<int> Twice { get; } =
    [
        .. PositionalCases.Prompt(ConstructedShape.Vocabulary),
        .. PositionalCases.Prompt(ConstructedShape.Vocabulary),
    ];

    /// <summary>Gets 48 random tokens; those that are repeated have earlier copies n with a mean of n/(n + 1) of
    /// 0.63586.</summary>
    internal static ImmutableArray<int> Random { get; } =
        [.. "3b726ed6d497b14996d4b961884885e61a3f31c1992ff3f5".Select(digit => Convert.ToInt32($"{digit}", 16))];

    /// <summary>Gets six ordinals in order, with commas between.</summary>
    internal static ImmutableArray<int> Run { get; } = List(0, 1, 2, 3, 4, 5);

    /// <summary>Gets the ordinals in another order, no two of them in order.</summary>
    internal static ImmutableArray<int> Permuted { get; } = List(5, 0, 3, 1, 4, 2, 6);

    /// <summary>Gets six words that are no ordinals, with commas between.</summary>
    internal static ImmutableArray<int> Fillers { get; } = List(8, 9, 10, 11, 12, 13);

    /// <summary>Returns the pattern of a head that looks for duplicates, by formula.</summary>
    internal static double[][] DuplicatePattern(IReadOnlyList<int> ids, double repulsion)
    {
        var shape = ConstructedShape.Reference;
        return ClosedForms.Pattern(ids.Count, (query, key) =>
            (DuplicateKappa * ClosedForms.Match(shape, ids[query], ids[key], query - key))
            - ClosedForms.LookBack(shape, query - key, 0, repulsion));
    }

    /// <summary>Returns the pattern of a head that looks for the ordinal before, by formula.</summary>
    internal static double[][] SuccessorPattern(IReadOnlyList<int> ids) =>
        ClosedForms.Pattern(ids.Count, (query, key) =>
            ids[query] is > 0 and < MatchingModels.Ordinals and var ordinal && ids[key] < MatchingModels.Ordinals
                ? SuccessorKappa
                    * ClosedForms.Match(ConstructedShape.Reference, ordinal - 1, ids[key], query - key)
                : 0);

    static ImmutableArray<int> List(params IEnumerable<int> elements) =>
        [.. elements.SelectMany((element, at) => at == 0 ? [element] : (int[])[MatchingModels.Comma, element])];

    static IEnumerable<SelfTestCase> OfDuplicates()
    {
        yield return Case(60, "all tokens twice", Twice);
        yield return Case(0, "all tokens twice, as many copies as the query itself", Twice);
        yield return Case(0, "random tokens, n of n + 1", Random);
        yield return Case(150, "random tokens, pushed to far positions", Random);

        static SelfTestCase Case(int repulsion, string name, ImmutableArray<int> ids) => new(
            FormattableString.Invariant($"duplicate-repulsion-{repulsion}"), name,
            () => MatchingModels.Duplicate(DuplicateKappa, repulsion),
            PatternScores.Duplicate(DuplicatePattern(ids, repulsion), ids),
            run => PatternScores.Duplicate(run.Pattern(ids, Duplicates), ids));
    }

    static IEnumerable<SelfTestCase> OfSuccessors()
    {
        var permuted = SuccessorPattern(Permuted);
        yield return Case("six ordinals, attention to the one before", ClosedForms.Succession(SuccessorKappa, 6),
            run => PatternScores.Succession(run.Pattern(Run, Successors)));
        yield return Case("six other words", ClosedForms.Succession(0, 6),
            run => PatternScores.Succession(run.Pattern(Fillers, Successors)));
        yield return Case("permuted ordinals, attention to the one before", PatternScores.Succession(permuted),
            run => PatternScores.Succession(run.Pattern(Permuted, Successors)));
        yield return Case("permuted ordinals, attention to the predecessor minus others", Predecessor(permuted),
            run => Predecessor(run.Pattern(Permuted, Successors)));
        yield return Case("the same of a uniform head", 0, run => Predecessor(run.Pattern(Permuted, Idle)));

        static SelfTestCase Case(string name, double expected, Func<ConstructedRun, double> find) =>
            new("successor", name, () => MatchingModels.Successor(SuccessorKappa), expected, find);

        static double Predecessor(double[][] pattern) =>
            PatternScores.Predecessor(pattern, Permuted, MatchingModels.Ordinals);
    }

    static IEnumerable<SelfTestCase> OfIncrement()
    {
        yield return Case("attention to the ordinal before minus that to other words", 0,
            run => PatternScores.Succession(run.Pattern(Run, Successors))
                - PatternScores.Succession(run.Pattern(Fillers, Successors)));
        yield return Case("share of ordinals whose successor is written most", 1,
            run => run.Increments(Successors, MatchingModels.Ordinals));
        yield return Case("the same of a head that writes nothing", 0,
            run => run.Increments(Idle, MatchingModels.Ordinals));

        static SelfTestCase Case(string name, double expected, Func<ConstructedRun, double> find) =>
            new("increment", name, MatchingModels.Increment, expected, find);
    }
}
