using static System.FormattableString;
using static RatIlgpu.Analysis.ComponentTables;

namespace RatIlgpu.Analysis;

/// <summary>The tables of what query components look for.</summary>
static class StoryTables
{
    /// <summary>Returns the overview of all, then a table of each.</summary>
    public static IEnumerable<ReportTable> Of(ComponentReport report, int most)
    {
        if (report.Stories.IsEmpty)
            yield break;
        yield return new(
            "What query components look for",
            [
                "Scores by weights alone, summed over the heads, at the distance from key to query where they are "
                    + "largest: the score if the stream had the direction of what both read, with the sign of the mean "
                    + "activation.",
            ],
            ["query component", "looks for", "avoids"],
            [
                .. report.Stories.Take(most).Select(story => (ValueArray<string>)
                    [Invariant($"{story.Component}"), Keys(story.LooksFor), Keys(story.Avoids)]),
            ]);
        foreach (var story in report.Stories.Take(most))
            if (story.LooksFor.Concat(story.Avoids).Where(key => !key.Values.IsEmpty).ToList() is [var first, ..] keys)
                yield return new(
                    Invariant($"Keys of query component {story.Component}"),
                    ["Values: those that are active at the same tokens as the key most often, with their number."],
                    ["key", .. first.Offsets.Select(offset => Invariant($"{offset} back")), "values"],
                    [
                        .. keys.Select(key => (ValueArray<string>)
                        [
                            Invariant($"{key.Component}"), .. key.Scores.Select(score => Number(score)),
                            string.Join(", ", key.Values.Select(value =>
                                Invariant($"{value.Component} ({value.Both})"))),
                        ]),
                    ]);
    }

    static string Keys(ValueArray<StoryKey> keys) => string.Join(", ", keys.Select(key =>
        Invariant($"{key.Component}: {Number(key.Peak)} ({key.Offset} back)")));
}
