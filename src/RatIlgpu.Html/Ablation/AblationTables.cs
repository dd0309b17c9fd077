using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes the table of conditions, which the script sorts, and that of changed predictions without
/// script.</summary>
sealed class AblationTables(AblationReport report, Func<int, TokenText> tokens)
{
    const int MostChanges = 3, LongestToken = 24, MostScores = 12;

    static readonly ImmutableArray<(string Id, string Name)> Columns =
    [
        ("name", "Condition"), ("divergence", "KL, nats"), ("changed", "Changed"), ("there", "NIP in its layer"),
        ("cosine", "Cosine there"), ("last", "NIP in the last layer"),
    ];

    public void Write(HtmlWriter html)
    {
        html.Write($"""
            <details class="card table" id="table" open><summary>Conditions as a table (
            """).Write($"{report.Conditions.Length}").Write($"""
            )</summary>
            <div class="scroll"><table><caption>Means over the samples ± sample standard deviation. Changed: the share
            of positions whose most probable next token is another one</caption><thead><tr>
            """);
        foreach (var (id, name) in Columns)
            html.Write($"""<th scope="col" data-column="{id}"><button data-order="{id}">{name}</button>""");
        html.Write($"""<th scope="col">Some of the changed predictions""");
        html.Write($"<tbody id=\"rows\">\n");
        foreach (var (place, effect) in report.Conditions.Index())
            WriteRow(html, place, effect);
        html.Write($"</tbody></table></div></details>\n");
        if (report.Scores is { } scores)
            WriteScores(html, scores);
    }

    // The scores of other heads that conditions change most.
    static void WriteScores(HtmlWriter html, AblatedScores scores)
    {
        html.Write($"""
            <details class="card table" id="scores" open><summary>Scores of heads that change</summary>
            <div class="scroll"><table><caption>On {scores.Data.CopyLength} random tokens that come twice,
            of {scores.Data.Sequences} sequences: scores that change by 0.05 at least, the {MostScores} largest changes
            of each condition</caption><thead><tr><th scope="col">Condition<th scope="col">Head<th scope="col">Score<th
            scope="col">Without a change<th scope="col">With it<tbody>

            """);
        foreach (var (place, condition) in scores.Conditions.Index())
        {
            var changed = scores.Changed(place).Take(MostScores).ToList();
            if (changed.Count == 0)
                html.Write($"""<tr><td title="{condition.ToString()}">{condition.ShortName}<td>none<td><td><td>""")
                    .Write($"\n");
            foreach (var score in changed)
                html.Write($"""<tr><td title="{condition.ToString()}">{condition.ShortName}""").Write(
                    $"<td>{score.Head.ToString()}<td>{score.Score}").Write(
                    $"<td>{AblationWords.Number(score.Before)}<td>{AblationWords.Number(score.After[place])}\n");
        }

        html.Write($"</tbody></table></div></details>\n");
    }

    void WriteRow(HtmlWriter html, int place, ConditionEffect effect)
    {
        var (first, last) = (effect.Layers[0], effect.Layers[^1]);
        html.Write($"""<tr data-c="{place}"><td><button data-c="{place}" title="{effect.Condition.ToString()}">""");
        html.Write($"{effect.Condition.ShortName}</button>");
        html.Write($"<td>{AblationWords.Divergence(effect.Divergence)}<td>{TraceWords.Percent(effect.Changed.Mean)}");
        html.Write($"<td>{AblationWords.Spread(first.Projection)}<td>{AblationWords.Spread(first.Cosine)}");
        html.Write($"<td>{AblationWords.Spread(last.Projection)}<td>");
        foreach (var (i, (before, after)) in Changes(effect).Take(MostChanges).Index())
            html.Write($"{(i > 0 ? ", " : "")}<bdi>{Shown(before)}</bdi> → <bdi>{Shown(after)}</bdi>");
        html.Write($"\n");
    }

    IEnumerable<(int Before, int After)> Changes(ConditionEffect effect) =>
        report.Samples.Zip(effect.Samples).SelectMany(sample =>
            sample.First.Predictions.Zip(sample.Second.Predictions).Where(one => one.First != one.Second)).Distinct();

    string Shown(int id) => TokenGlyphs.Show(tokens(id), LongestToken);
}
