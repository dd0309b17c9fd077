using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of a comparison of attention.</summary>
sealed class DistancesMarkup(AttentionComparison comparison, AblationPageOptions options, string title)
{
    /// <summary>The most conditions that are shown at once; more lines are not told apart.</summary>
    public const int MostAtOnce = 7;

    // More rows make the page slow before its script runs.
    const int MostRows = 1_000;

    public void Write(HtmlWriter html) => html
        .Include(part => Page.WriteHead(part, new()
        {
            Title = title,
            Facts = Facts(),
            WithoutScript = "The pictures need JavaScript; the table does not.",
            Table = "the table of the largest changes",
        }))
        .Include(part => Page.WriteExplanation(part, options.HelpText, DistancesWords.Meanings))
        .Include(WriteTools)
        .Write($"""
            <main class="distances">
            <section class="card plot" aria-label="Attention by distance"><div class="head"><h2>Attention by
            distance</h2><span class="muted" id="ranges"></span></div><p class="legend" id="lines"></p>
            <div class="heads" id="heads"></div></section>
            <section class="card details" aria-live="polite"><h2>Details</h2><dl id="info"></dl></section>

            """)
        .Include(AblationMarkup.WriteText)
        .Include(WriteTable)
        .Write($"</main>\n")
        .Include(part => Page.WriteOrigin(part, "", TraceWords.Origin(options.Origin)))
        .Include(part => Page.WriteEnd(part, DistancesWords.Meanings, DistancesWords.Keys));

    IEnumerable<(string Name, string Value)> Facts()
    {
        if (options.Model is { } model)
            yield return ("Model", TraceWords.Name(model.Name));
        yield return ("Attention of", FormattableString.Invariant($"layer {comparison.Layer}"));
        yield return ("Taken away", AblationWords.PartOf(comparison.Conditions[0]));
        yield return ("Conditions", FormattableString.Invariant($"{comparison.Conditions.Length}"));
        yield return ("Samples", AblationWords.SamplesOf(comparison.Samples));
        yield return ("Changed", AblationWords.ChangedIn(comparison.Everywhere));
    }

    void WriteTools(HtmlWriter html)
    {
        html.Write($"""
            <div class="tools" role="group" aria-label="View">
            <label class="prompt">Condition <select id="condition">
            """);
        if (comparison.Conditions.Length is > 1 and <= MostAtOnce)
            html.Write($"""<option value="all">all""");
        foreach (var (i, condition) in comparison.Conditions.Index())
            html.Write($"""<option value="{i}">{condition.ToString()}""");
        html.Write($"</select></label>\n").Include(Page.WriteFind).Include(Page.WriteToolsEnd).Write($"</div>\n");
    }

    void WriteTable(HtmlWriter html)
    {
        var rows = comparison.Heads.Length * comparison.Conditions.Length;
        html.Write($"""
            <details class="card table" id="table"><summary>The largest change of each head as a table</summary>
            <div class="scroll"><table><caption>The distance at which attention changes most, and the attention there:
            means over the samples ± sample standard deviation; the difference ± its standard error
            """);
        if (rows > MostRows)
            html.Write($"; the first {MostRows} of {rows} rows");
        html.Write($"""
            </caption><thead><tr><th scope="col">Condition<th scope="col">Head<th scope="col">Offset
            <th scope="col">Without the change<th scope="col">With it<th scope="col">Difference<tbody>

            """);
        foreach (var (condition, head) in comparison.Conditions.Index()
            .SelectMany(condition => comparison.Heads.Select(head => (condition, head))).Take(MostRows))
        {
            var changed = head.Conditions[condition.Index];
            var at = changed.Largest;
            var difference = changed.Difference[at];
            html.Write($"<tr><td>{condition.Item.ToString()}<td>{head.Head.ToString()}<td>{at}");
            html.Write($"<td>{AblationWords.Spread(head.Before[at])}<td>{AblationWords.Spread(changed.After[at])}");
            html.Write($"<td>{AblationWords.Number(difference.Mean)}");
            if (double.IsFinite(difference.StandardError))
                html.Write($" ± {AblationWords.Number(difference.StandardError)}");
            html.Write($"\n");
        }

        html.Write($"</tbody></table></div></details>\n");
    }
}

/// <summary>The sentences of a page of a comparison of attention.</summary>
static class DistancesWords
{
    /// <summary>The title of a page that has no other.</summary>
    public const string Title = "How far back heads look";

    public static readonly ImmutableArray<(string What, string Meaning)> Meanings =
    [
        ("Attention", "The first figure of a head: its attention at t to the token o positions back, 0 for its own, as "
            + "a mean over the samples. The band is ± the sample standard deviation, and is not drawn below 0 or above "
            + "1. Grey: without a change."),
        ("Difference", "The second figure: with the change less without it, sample by sample, as a mean. The band is "
            + "± the standard error of that mean, the standard deviation divided by the square root of the number of "
            + "samples: where it holds 0, the samples do not show a change."),
        ("Condition", "Heads, values or components that are taken away at t, and what stands in their place. "
            + "Components of queries are taken out at t, those of keys at t − 1."),
        ("Ranges", "All heads have one range of attention and one of differences, those of the conditions that are "
            + "shown."),
        ("The layer", "Outputs and values leave the attention of their own layer as it is: later layers change. "
            + "Components of queries and keys change the attention of their own."),
        ("Sum", "The attention of a head to all tokens is 1: what one distance loses, others win, and distances beyond "
            + "the largest are not shown."),
        ("Export", "SVG and PNG show the lines; CSV has a row for each head, condition and offset; JSON is the file of "
            + "the command."),
    ];

    public static readonly ImmutableArray<(string[] Keys, string Action)> Keys =
    [
        (["[", "]"], "previous or next condition"),
        (["{", "}"], "previous or next sample"),
        (["Esc"], "keep no token"),
        (["/"], "find a token; Enter goes to the next one"),
        (["?"], "this help"),
    ];
}
