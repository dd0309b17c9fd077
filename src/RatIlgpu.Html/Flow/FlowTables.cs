using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>Writes the tables of a page of flows, which need no script.</summary>
static class FlowTables
{
    // A longer table of shares would be hard to read; the CSV has all.
    const int MostShares = 100;

    // In characters. A cell of a table stays on one line.
    const int LongestInTable = 40;

    /// <summary>What the rows of the table of prompts have.</summary>
    public static readonly PromptColumns OfPrompts =
        new(["Most comes from", "Share", "Best path", "Probability"], FlowWords.Chance, HasMean: false);

    /// <summary>Returns the row of a prompt in the table of prompts.</summary>
    public static PromptRow RowOf(FlowResult flow)
    {
        var (position, share) = Ordered(flow).First();
        return new(
            TokenGlyphs.Show(flow.Tokens[position], PromptRow.LongestToken), share,
            flow.Paths.IsEmpty ? "" : FlowRoutes.Of(flow with { Paths = [flow.Paths[0]] })[0],
            flow.Paths.IsEmpty ? null : flow.Paths[0].Probability);
    }

    /// <summary>Writes the table of paths.</summary>
    public static void WritePaths(HtmlWriter html, FlowView view)
    {
        html.Write($"""
            <details class="card table" id="table"><summary>All paths as a table (<span id="path-count">
            """).Write($"{view.Routes.Length}").Write($"""
            </span>)</summary>
            <div class="scroll"><table><caption>Moves of the paths, with their layers</caption>
            <thead><tr><th scope="col">Path<th scope="col">Moves<th scope="col">Probability<th scope="col">Score
            <tbody>

            """);
        // Cells and rows need no end tags.
        foreach (var (index, path) in view.Result.Paths.Index())
            html.Write($"<tr><td><button data-beam=\"{index}\">{index + 1}</button><td><bdi>{view.Routes[index]}</bdi>")
                .Write($"<td>{FlowWords.Chance(path.Probability)}<td>{path.Score:F4}\n");
        html.Write($"</tbody></table></div></details>\n");
    }

    /// <summary>Writes the table of shares, the largest first.</summary>
    public static void WriteShares(HtmlWriter html, FlowView view)
    {
        html.Write($"""
            <details class="card table" id="shares" open><summary>Shares of tokens as a table</summary>
            <div class="scroll"><table><caption>The largest first; shares are exact, those on drawn paths a part of
            them</caption><thead><tr><th scope="col">Position<th scope="col">Token<th scope="col">Share
            <th scope="col">On drawn paths<tbody>

            """);
        var flow = view.Result;
        var drawn = flow.Paths.ToLookup(path => path.Source, path => path.Probability);
        var ordered = Ordered(flow).ToArray();
        foreach (var (position, share) in ordered.Take(MostShares))
            html.Write($"<tr><td><button data-pick=\"n{position}\">{position}</button>")
                .Write($"<td><bdi>{TokenGlyphs.Show(flow.Tokens[position], LongestInTable)}</bdi>")
                .Write($"<td>{TraceWords.Percent(share)}<td>{FlowWords.Chance(drawn[position].Sum())}\n");
        html.Write($"</tbody></table></div><p class=\"muted\" id=\"share-rest\">");
        if (ordered.Length > MostShares)
            html.Write($"and {CountText.Of(ordered.Length - MostShares, "token")} with smaller shares, ")
                .Write($"{TraceWords.Percent(ordered.Skip(MostShares).Sum(one => one.Share))} together");
        html.Write($"</p></details>\n");
    }

    static IEnumerable<(int Position, double Share)> Ordered(FlowResult flow) =>
        flow.Shares.Index().Select(one => (Position: one.Index, Share: one.Item))
            .OrderByDescending(one => one.Share).ThenBy(one => one.Position);
}
