using static System.FormattableString;
using static RatIlgpu.Analysis.ComponentTables;

namespace RatIlgpu.Analysis;

/// <summary>A table that says in words what each query and key component does. The words follow from numbers of the
/// report.</summary>
static class RoleTable
{
    // Heads that take part in a component of one head, and the share of all heads in one of all.
    const double Alone = 1.5, All = 0.75;

    // Shares of the tokens.
    const double Always = 0.9, Hardly = 0.01;

    const double LeastEffect = 0.01;

    /// <summary>Returns the table.</summary>
    public static ReportTable Of(ComponentReport report, int most) => new(
        "Roles of query and key components",
        [
            Invariant($"In one head: at most {Alone} heads take part in the weights; in all: more than {All} of them. ")
                + Invariant($"Effects on induction of at least {LeastEffect}; what a query component looks for is by ")
                + "weights alone.",
        ],
        ["component", "role"],
        [
            .. Components(report, AttentionProjection.Query, most),
            .. Components(report, AttentionProjection.Key, most),
        ]);

    static IEnumerable<ValueArray<string>> Components(
        ComponentReport report, AttentionProjection projection, int most)
    {
        var matrix = report.Matrices[(int)projection];
        return matrix.Components.Take(most).Select((component, place) => (ValueArray<string>)
        [
            $"{Lower(projection)} {matrix.NameOf(place)}",
            string.Join(
                "; ",
                ((string?[])
                [
                    Place(report, projection, matrix.Spreads[place]), Activity(report, projection, component),
                    Induction(report, projection, component), Partner(report, projection, component),
                ]).OfType<string>()),
        ]);
    }

    static string Place(ComponentReport report, AttentionProjection projection, HeadSpread spread)
    {
        var head = projection == AttentionProjection.Key
            ? Invariant($"key/value head {spread.Dominant}")
            : new HeadIndex(report.Layer, spread.Dominant).ToString();
        return spread switch
        {
            { Participation: null } => "no weights",
            { Heads: 1 } => $"in {head}, the only one",
            { Participation: <= Alone } => $"in {head}",
            { Participation: { } some, Heads: var heads } when some > All * heads => Invariant($"in all {heads} heads"),
            { Participation: { } some } => Invariant($"in {some:0.0} heads, most in {head}"),
        };
    }

    static string? Activity(ComponentReport report, AttentionProjection projection, int component)
    {
        var activity = report.Activity.Matrices[(int)projection];
        return activity.Components.Items.IndexOf(component) is var place and >= 0
            ? ((double)activity.Active[place] / report.Activity.Tokens) switch
            {
                >= Always => "active nearly always",
                <= Hardly => "hardly ever active",
                var share => $"active at {Percent(share)}",
            }
            : null;
    }

    // The largest effect on one of the heads that are looked at.
    static string? Induction(ComponentReport report, AttentionProjection projection, int component)
    {
        var found = report.Induction.SelectMany(detail => detail.Effects
            .Where(effect => effect.Projection == projection && effect.Component == component)
            .Select(effect => (detail.Head, Effect: effect.Effects[detail.Head.Head])))
            .OrderByDescending(one => Math.Abs(one.Effect)).FirstOrDefault();
        return Math.Abs(found.Effect) < LeastEffect
            ? null
            : $"{(found.Effect > 0 ? "helps" : "hinders")} induction of {found.Head} by "
                + Invariant($"{Math.Abs(found.Effect):0.###}");
    }

    static string? Partner(ComponentReport report, AttentionProjection projection, int component)
    {
        if (projection == AttentionProjection.Query)
            return report.Stories.FirstOrDefault(story => story.Component == component)?.LooksFor is [var key, ..]
                ? Invariant($"looks for key {key.Component} ({key.Offset} back)")
                : null;
        var found = report.Stories.SelectMany(story => story.LooksFor
            .Where(one => one.Component == component).Select(one => (story.Component, one.Peak, one.Offset)))
            .OrderByDescending(one => one.Peak).FirstOrDefault();
        return found.Peak > 0
            ? Invariant($"looked for by query {found.Component} ({found.Offset} back)")
            : null;
    }
}
