namespace RatIlgpu.Analysis;

/// <summary>The cases of heads that work together or share values.</summary>
static class CircuitCases
{
    const int Half = ConstructedShape.Vocabulary, Ablated = 5;

    // Far above rounding: a tie is a miss.
    const double Margin = 0.01;

    static readonly HeadIndex Inductor = CircuitModels.Inductor, Other = new(Inductor.Layer, 0);

    /// <summary>Gets the cases.</summary>
    public static IEnumerable<SelfTestCase> All => [.. OfInduction(), .. OfAblation(), .. OfCopies()];

    /// <summary>Gets a token that is not repeated, and all others twice.</summary>
    internal static ImmutableArray<int> WithFirst { get; } = MatchingCases.Twice.RemoveAt(Half);

    /// <summary>Returns the pattern of the second layer's head, by formula.</summary>
    /// <param name="ids">The prompt.</param>
    /// <param name="forgets">Tells at which positions the token before is not known.</param>
    internal static double[][] Pattern(IReadOnlyList<int> ids, Func<int, bool>? forgets = null) =>
        ClosedForms.Pattern(ids.Count, (query, key) => forgets?.Invoke(key) == true
            ? 0
            : CircuitModels.InductionKappa * ClosedForms.Match(
                ConstructedShape.Reference, ids[query], ids[int.Max(0, key - 1)], query - key));

    /// <summary>Returns the share of the tokens of the second half, but the last, at which the next token's logit is
    /// above all others.</summary>
    internal static double Copies(double[][] logits, IReadOnlyList<int> ids, int half, int start = 0) =>
        Enumerable.Range(start + half, half - 1).Average(position =>
        {
            var next = ids[position + 1];
            return logits[position].Where((logit, token) => token != next && logit > logits[position][next] - Margin)
                .Any() ? 0.0 : 1.0;
        });

    static IEnumerable<SelfTestCase> OfInduction()
    {
        var ids = MatchingCases.Twice;
        yield return Case("induction", PatternScores.Induction(Pattern(ids), Half),
            run => PatternScores.Induction(run.Pattern(ids, Inductor), Half));
        yield return Case("induction of a uniform head beside it", ClosedForms.UniformInduction(Half),
            run => PatternScores.Induction(run.Pattern(ids, Other), Half));
        yield return Case("attention of the first repeated token to its successor", Pattern(ids)[Half][1],
            run => run.Pattern(ids, Inductor)[Half][1]);
        yield return Case("share of tokens that are copied", (Half - 2) / (Half - 1.0),
            run => Copies(run.Logits(ids), ids, Half));
        yield return Case("induction behind a token that is not repeated",
            PatternScores.Induction(Pattern(WithFirst), Half - 1, 1),
            run => PatternScores.Induction(run.Pattern(WithFirst, Inductor), Half - 1, 1));
        yield return Case("attention of the first repeated token there", Pattern(WithFirst)[Half][2],
            run => run.Pattern(WithFirst, Inductor)[Half][2]);
        yield return Case("share of tokens that are copied there", 1,
            run => Copies(run.Logits(WithFirst), WithFirst, Half - 1, 1));
    }

    static IEnumerable<SelfTestCase> OfAblation()
    {
        var ids = MatchingCases.Twice;
        yield return Case("induction without the head that looks one back", ClosedForms.UniformInduction(Half),
            run => PatternScores.Induction(run.Pattern(ids, Inductor, run.Zero(CircuitModels.Previous)), Half));
        var pattern = Pattern(ids, key => key == Ablated);
        foreach (var key in (int[])[Ablated - 1, Ablated, Ablated + 1])
            yield return Case(
                FormattableString.Invariant($"attention to {key} without that head at {Ablated}"),
                pattern[Half + key - 1][key],
                run => run.Pattern(ids, Inductor, run.Zero(CircuitModels.Previous, Ablated))[Half + key - 1][key]);
    }

    static IEnumerable<SelfTestCase> OfCopies()
    {
        foreach (var (head, factor) in CircuitModels.CopyFactors.Index())
            yield return new(
                "grouped-copy", FormattableString.Invariant($"what head {head} writes of a token"),
                CircuitModels.GroupedCopy, head < ConstructedShape.GroupSize ? factor : -factor,
                run => run.Copy(new(0, head)));
    }

    static SelfTestCase Case(string name, double expected, Func<ConstructedRun, double> find) =>
        new("induction", name, CircuitModels.Induction, expected, find);
}
