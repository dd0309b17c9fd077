using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the tables of a page of explanations, which are there without script: what was measured, the links,
/// and the parts and the largest pairs of the opening view.</summary>
sealed class ExplanationTables(ExplanationViews views)
{
    // In rows, as the script fills the table. The exported files have all.
    const int MostParts = 500, MostPairs = 50;

    public void Write(HtmlWriter html)
    {
        if (views.Links.Any(link => link.Verification is not null))
            html.Include(WriteMeasured);
        if (views.Links.Length > 1)
            html.Include(WriteLinks);
        html.Include(WriteParts);
    }

    void WriteMeasured(HtmlWriter html)
    {
        html.Write($"""
            <section class="card table" id="measured"><div class="head"><h2>Measured with parts taken out</h2>
            <span class="muted">of what this head alone reads; the largest by reading
            {ExplanationWords.Name(views.Opening.Options.Reading)} that the link has</span></div>

            """);
        foreach (var link in views.Links)
            if (link.Verification is { } measured)
                html.Include(part => WriteMeasured(part, link, measured));
        html.Write($"</section>\n");
    }

    void WriteMeasured(HtmlWriter html, ExplainedLink link, ScoreVerification measured)
    {
        var unchanged = measured.Unchanged;
        html.Write($"""<div class="scroll" data-of="{link.Name}"><table><caption>""")
            .Write($"{ExplanationWords.Link(link.First, views)}; ")
            .Write($"{AttributionWords.Target(measured.Target, views.TextOf)}")
            .Write($"""
                 at position {link.First.Query}</caption>
                <thead><tr><td><td><th scope="colgroup" colspan="3">scales of the norms held
                <th scope="colgroup" colspan="3">recomputed
                <tr><th scope="col">Taken out<th scope="col">Adds to the score here
                <th scope="col">Score falls by<th scope="col">Attention<th scope="col">Metric
                <th scope="col">Score falls by<th scope="col">Attention<th scope="col">Metric
                <tbody>
                <tr><td>nothing<td>
                """);
        WriteNumbers(unchanged);
        html.Write($"<td><td><td>\n");
        foreach (var part in measured.Parts)
        {
            html.Write($"<tr><td>{ExplanationWords.Part(part.Part, link.First, views)} of the ")
                .Write($"{(part.Input == HeadInput.Key ? "key" : "query")}")
                .Write($"<td>{TraceWords.Signed(part.Attributed)}");
            WriteNumbers(part.Held);
            WriteNumbers(part.Recomputed);
            html.Write($"\n");
        }

        html.Write($"</table></div>\n");

        void WriteNumbers(MeasuredScore one) => html
            .Write($"<td>{TraceWords.Signed(unchanged.Score - one.Score)}")
            .Write($"<td>{ExplanationWords.Number(one.Attention)}<td>{ExplanationWords.Number(one.Metric)}");
    }

    void WriteLinks(HtmlWriter html)
    {
        html.Write($"""
            <section class="card table" id="links"><div class="head"><h2>Links</h2></div><div class="scroll">
            <table aria-label="Links"><thead><tr><th scope="col">Link<th scope="col">Prompt<th scope="col">Attention
            <th scope="col">Score
            """);
        foreach (var reading in views.Readings.Where(reading => reading != ScoreReading.Here))
            html.Write($"<th scope=\"col\">{ExplanationWords.Shown(reading)}");
        html.Write($"<th scope=\"col\">Position alone, ")
            .Write($"{ExplanationWords.Name(views.Opening.Options.Reading)}\n<tbody>\n");
        foreach (var link in views.Links)
        {
            var first = link.First;
            html.Write($"""<tr><td><button data-link="{link.Name}">{ExplanationWords.Link(first, views)}</button>""")
                .Write($"<td>{link.Prompt.Number}: {link.Prompt.Label}<td>{ExplanationWords.Number(first.Attention)}")
                .Write($"<td>{ExplanationWords.Number(first.Score)}");
            foreach (var reading in views.Readings.Where(reading => reading != ScoreReading.Here))
                html.Write($"<td>").Write($"{SumOf(link, reading)}");
            html.Write($"<td>{TraceWords.Signed(first.PositionAlone)}\n");
        }

        html.Write($"</table></div></section>\n");

        static string SumOf(ExplainedLink link, ScoreReading reading) =>
            link.Readings.FirstOrDefault(found => found.Options.Reading == reading) is { } found
                ? TraceWords.Signed(found.Measured)
                : "";
    }

    void WriteParts(HtmlWriter html)
    {
        var view = views.Opening;
        html.Write($"""
            <details class="card table" id="table"><summary>Parts and pairs as a table</summary><div class="scroll">
            <table><caption>{ExplanationWords.Link(view, views)}, reading
            """)
            .Write($" {ExplanationWords.Name(view.Options.Reading)}; {ExplanationWords.Balance(view)}")
            .Write($"""
                </caption>
                <thead><tr><th scope="col">Part<th scope="col">with<th scope="col">adds
                <th scope="col">Attention without it

                """);
        WriteRows("Parts of the key", view.KeyParts.Zip(view.ByKeyPart, view.AttentionWithout).Select(one =>
            (one.First, (ResidualTerm?)null, one.Second, ExplanationWords.Number(one.Third))), MostParts);
        WriteRows("Parts of the query", view.QueryParts.Zip(view.ByQueryPart).Select(one =>
            (one.First, (ResidualTerm?)null, one.Second, "")), MostParts);
        WriteRows("Part of the query, part of the key", view.Top(MostPairs).Select(pair =>
            (pair.Query, (ResidualTerm?)pair.Key, pair.Value, "")), MostPairs, view.Pairs.Length);
        html.Write($"</table></div></details>\n");

        void WriteRows(
            string name,
            IEnumerable<(ResidualTerm Part, ResidualTerm? With, double Adds, string Without)> rows,
            int most,
            int? count = null)
        {
            var all = rows.OrderBy(row => -Math.Abs(row.Adds)).ToList();
            html.Write($"<tbody><tr><th scope=\"rowgroup\" colspan=\"4\">{name}\n");
            foreach (var (part, with, adds, without) in all.Take(most))
                html.Write($"<tr><td>{ExplanationWords.Part(part, view, views)}<td>")
                    .Write($"{(with is null ? "" : ExplanationWords.Part(with, view, views))}")
                    .Write($"<td>{TraceWords.Signed(adds)}<td>{without}\n");
            var shown = all.Take(most).Sum(row => row.Adds);
            if ((count ?? all.Count) - Math.Min(most, all.Count) is > 0 and var left)
                html.Write($"<tr><td>{left} more<td><td>{TraceWords.Signed(view.Pairs.Sum() - shown)}<td>\n");
        }
    }
}
