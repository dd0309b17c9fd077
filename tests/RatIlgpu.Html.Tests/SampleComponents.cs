using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>A small report on components: four query heads, two key/value heads, six tokens, of which the last
/// asks.</summary>
static class SampleComponents
{
    const int Heads = 4, Groups = 2, Query = 5;

    static readonly ImmutableArray<string> Words = ["When", " Mary", " and", " John", "\n", " to"];

    /// <summary>Gets the report.</summary>
    public static ComponentReport Report { get; } = new(
        DecompositionKind.MatrixSvd, 2, [0, 1, 2, 3, 4, 5],
        [
            .. Enum.GetValues<AttentionProjection>().Select(projection => Matrix(projection, HeadsOf(projection))),
        ],
        new(
            2, Query, [1, 3],
            Numbers([("head", Heads), ("key", 2), ("query_term", 5), ("key_term", 5)], at =>
                at is [1, 1, 0, 1] ? -2.5 : at[0] == 1 ? 0.25 * at[2] : 0.125),
            Numbers([("head", Heads), ("key", 2)], at => at[0] + at[1]),
            Numbers([("head", Heads), ("key", 2)], at => at[0] + at[1] + 1e-6),
            Numbers([("head", Heads), ("key", 2)], at => at is [1, 1] ? 0.75 : 0.125), 1e-7),
        Numbers([("offset", 2), ("head", Heads), ("query_term", 3), ("key_term", 3)], at => at[0] - at[1]),
        new(
            2, 40, 0.1,
            [
                .. Enum.GetValues<AttentionProjection>().Select(projection => new MatrixActivity(
                    projection, [0, 1], [40, 0], [0.5, -0.25], [1, 0.5],
                    Numbers(
                        [("component", 2), ("head", HeadsOf(projection))],
                        at => at[0] == 0 ? 1 : null))),
            ],
            [
                [new(40, 20, 10, 5), new(40, 20, 20, 20), new(40, 40, 10, 10), new(40, 0, 20, 0)],
                [new(40, 4, 4, 4), default, default, default],
            ]),
        Numbers([("value", 2), ("key", 2)], at => at[0] == at[1] ? 1 : -0.5),
        [
            new(
                new(2, 1), 0, 30, [0.1, 0.9, 0, 0], new(0.8, 0.1, 0.1),
                [
                    new(AttentionProjection.Query, 0, 0.6, HeadSpread.Of(1, 3, 1, 0), [0, 0.5, 0.25, 0]),
                    new(AttentionProjection.Key, 1, 0.5, HeadSpread.Of(1, 1), [-0.1, -0.25, 0, 0]),
                ],
                [new(new(0, 1), HeadInput.Key, "induction", 0.7)]),
        ],
        [new(0, [new(1, 2.5, 1, [0, 1], [1, 2.5], [new(0, 12)])], [])]);

    /// <summary>Returns the text of a token.</summary>
    public static TokenText Token(int id) => new(id, Words[id], []);

    static int HeadsOf(AttentionProjection projection) =>
        projection is AttentionProjection.Query or AttentionProjection.Output ? Heads : Groups;

    static MatrixReport Matrix(AttentionProjection projection, int heads) => new(
        projection, 6, 3, [0, 1], [0.5, 0.25], null, [4, 2, 1, 0.5, 0.25, 0], 0.125,
        Numbers([("component", 2), ("head", heads)], at => at[0] + at[1]),
        [HeadSpread.Of(1, 1), HeadSpread.Of(0, 2)],
        Numbers([("part", 2), ("row", 4), ("column", 3)], at => at[1] - at[2]));

    static LabelledArray Numbers((string Name, int Length)[] axes, Func<int[], double?> number)
    {
        ArrayAxis[] named = [.. axes.Select(axis => new ArrayAxis(axis.Name, Labels(axis.Name, axis.Length)))];
        var count = axes.Aggregate(1, (product, axis) => product * axis.Length);
        return new([.. named], [.. Enumerable.Range(0, count).Select(index =>
        {
            var places = new int[axes.Length];
            for (var axis = axes.Length - 1; axis >= 0; index /= axes[axis].Length, axis--)
                places[axis] = index % axes[axis].Length;
            return number(places);
        })]);
    }

    static ValueArray<string> Labels(string name, int length)
    {
        string[] counted = [.. Enumerable.Range(0, length).Select(place => $"{place}")];
        return name.EndsWith("_term", StringComparison.Ordinal)
            ? length == 3 ? ["0", "1", "bias"] : ["0", "1", "rest", "delta", "bias"]
            : [.. counted];
    }
}
