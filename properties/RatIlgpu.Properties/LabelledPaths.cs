using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Html;

namespace RatIlgpu.Properties;

/// <summary>Paths to draw, and the texts of the tokens they visit, as a page shows them.</summary>
/// <param name="Paths">The paths.</param>
/// <param name="Texts">The text of each position.</param>
sealed record LabelledPaths(PathSet Paths, ImmutableSortedDictionary<int, string> Texts)
{
    // Of no width and of much, joined, combined and unseen; a token may have none of them or many.
    static readonly string[] Pieces =
    [
        "a", "W", "ing", " ", "\n", "é", "e\u0301", "\u0301", "Щ", "你", "한국", "ﷺ", "ﷺﷺﷺﷺ", "𒐫", "👩‍🚀",
        "👩‍👩‍👧‍👦", "🇩🇪", "שלום", "நூ", "\u200d", "\u202e", "\0", "internationalization", "注意力机制的可视化方法",
    ];

    /// <summary>Makes any diagram, now and then one of many paths.</summary>
    public static Gen<LabelledPaths> Any() => Gen.Frequency(
        (5, SankeyLayoutLaws.Sets().SelectMany(Labelled)),
        (1, SankeyLayoutLaws.Sets(mostPaths: 40, lastPosition: 60).SelectMany(Labelled)));

    /// <summary>Makes a diagram of one path through a prompt of any length.</summary>
    public static Gen<LabelledPaths> Single() =>
        from lastPosition in Gen.Elements(0, 20, 8_191, 131_071)
        from steps in Gen.Choose(0, 24)
        from positions in Gen.ArrayOf(Gen.Choose(0, lastPosition), steps + 1)
        from labelled in Labelled(new([[.. positions.Distinct().OrderDescending()]], [1]))
        select labelled;

    public static IEnumerable<LabelledPaths> Smaller(LabelledPaths diagram)
    {
        foreach (var paths in SankeyLayoutLaws.Smaller(diagram.Paths))
            yield return diagram with { Paths = paths };
        foreach (var (position, text) in diagram.Texts.Where(entry => entry.Value != "a"))
            yield return diagram with { Texts = diagram.Texts.SetItem(position, "a") };
    }

    static Gen<LabelledPaths> Labelled(PathSet paths) =>
        from texts in Gen.ArrayOf(Text(), paths.Positions.Length)
        select new LabelledPaths(
            paths,
            paths.Positions.Zip(texts).ToImmutableSortedDictionary(entry => entry.First, entry => entry.Second));

    static Gen<string> Text() =>
        from count in Gen.Elements(0, 1, 1, 2, 3, 20)
        from pieces in Gen.ArrayOf(Gen.Elements(Pieces), count)
        select TokenGlyphs.Show(new(0, string.Concat(pieces), []), 400);

    // What a failed law prints.
    public override string ToString() => string.Join(
        "; ",
        Paths.Paths.Zip(Paths.Weights, (path, weight) => $"{weight:R}: {string.Join(' ', path)}")
            .Concat(Paths.Positions.Select(position => $"{position} '{Texts[position]}'")));
}
