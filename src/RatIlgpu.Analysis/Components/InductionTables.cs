using static System.FormattableString;
using static RatIlgpu.Analysis.ComponentTables;

namespace RatIlgpu.Analysis;

/// <summary>The tables of a head that may be an induction head.</summary>
static class InductionTables
{
    /// <summary>Returns the effects of components.</summary>
    public static ReportTable Effects(InductionDetail detail, int most)
    {
        var head = detail.Head.Head;
        return new(
            Invariant($"Induction of {detail.Head}: {detail.Score:0.000}"),
            [.. Sentences(detail)],
            ["component", "effect", "weight in the head", "", "largest in", "entropy", "other heads"],
            [
                .. detail.Effects.Take(most).Select(effect => (ValueArray<string>)
                [
                    Name(effect), Number(effect.Effects[head]), Percent(effect.Fraction),
                    effect.Concentration.ToString().ToLowerInvariant(), Dominant(detail, effect),
                    Number(effect.Spread.Entropy),
                    string.Join(", ", effect.OtherHeads(head).Select(other => Invariant(
                        $"{new HeadIndex(detail.Head.Layer, other)} {Number(effect.Effects[other])}"))),
                ]),
            ]);
    }

    /// <summary>Returns the earlier heads that are read.</summary>
    public static ReportTable Feeders(InductionDetail detail) => new(
        Invariant($"Earlier heads that {detail.Head} reads for induction"),
        [
            "The effect is the score less the score without what the earlier head writes into this input, the scale of "
                + "the norm held; effects of at most 0.005 are left out.",
        ],
        ["head", "through", "effect"],
        [
            .. detail.Feeders.Select(feeder => (ValueArray<string>)
            [
                feeder.Source.ToString(), feeder.Input.ToString().ToLowerInvariant(), Number(feeder.Effect),
            ]),
        ]);

    static IEnumerable<string> Sentences(InductionDetail detail)
    {
        var head = detail.Head.Head;
        yield return Invariant($"Over {detail.Queries} queries. From the second copy of a token it gives ")
            + Invariant($"{Percent(detail.Mass.Target)} to the token ")
            + Invariant($"after the first copy, {Percent(detail.Mass.First)} to position 0 and ")
            + Invariant($"{Percent(detail.Mass.Rest)} to others; it reads key/value head {detail.KeyValueHead}.");
        yield return "The effect is the score less the score without the component at all positions, positive where it "
            + Invariant($"helps. Effects of query components add up to {Number(detail.QuerySum)}, of key components ")
            + Invariant($"to {Number(detail.KeySum)}, and softmax makes neither the score.");
        foreach (var (what, some) in new[]
        {
            ("Weight in the head, but no use here: ", detail.Effects.Where(effect => effect.IsUnused(head))),
            ("Without them other heads do more: ",
                detail.Effects.Where(effect => effect.RaisedHeads(head).Length > 0)),
        })
            if (some.Select(Name).ToList() is { Count: > 0 } names)
                yield return what + string.Join(", ", names) + ".";
    }

    // Keys have a part for each key/value head.
    static string Dominant(InductionDetail detail, ComponentEffect effect) =>
        effect.Projection == AttentionProjection.Key
            ? Invariant($"key/value head {effect.Spread.Dominant}")
            : new HeadIndex(detail.Head.Layer, effect.Spread.Dominant).ToString();

    static string Name(ComponentEffect effect) => Invariant($"{Lower(effect.Projection)} {effect.Component}");
}
