namespace RatIlgpu.Html;

/// <summary>Writes the tables of a page of attributions, which are there without script: the rows of the opening view,
/// and, of several views, each of them.</summary>
sealed class AttributionTables(AttributionViews views)
{
    // A page of neurons has hundreds of thousands of rows; the exported files have all.
    const int MostRows = 500;

    public void Write(HtmlWriter html)
    {
        if (views.HasSeveral)
            html.Include(WriteViews);
        html.Include(WriteRows);
    }

    void WriteViews(HtmlWriter html)
    {
        html.Write($"""
            <section class="card table" id="views"><div class="head"><h2>Prompts and positions</h2>
            <span class="muted">rounding of the rows that are shown first</span></div><div class="scroll">
            <table aria-label="Prompts and positions"><thead><tr><th scope="col">View<th scope="col">Position
            <th scope="col">Explains<th scope="col">Logit<th scope="col">Rounding
            <tbody>

            """);
        foreach (var prompt in views.Prompts)
            foreach (var (place, view) in prompt.Views.Index())
            {
                var index = prompt.First + place;
                html.Write($"""<tr><td><button data-view="{prompt.Number}.{view.Position}">""")
                    .Write($"{prompt.Number}: {prompt.Label}</button>");
                html.Write($"<td>{view.Position} <bdi>")
                    .Write($"{TokenGlyphs.Show(views.TextOf(view.TokenIds[view.Position]), 24)}</bdi>")
                    .Write($"<td>{AttributionWords.Target(view.Target, views.TextOf)}<td>{view.Measured:F4}")
                    .Write($"<td>{views.Units[0].Rounding(index):0.0e-0}\n");
            }

        html.Write($"</table></div></section>\n");
    }

    void WriteRows(HtmlWriter html)
    {
        var unit = views.Units[0];
        var opening = views.Views[views.Opening];
        (string Label, double Value)[] rows =
            [.. unit.Terms.Select(term => term.Label).Zip(unit.ValuesOf(views.Opening))];
        var shown = unit.IsCumulative ? rows : [.. rows.OrderBy(row => -Math.Abs(row.Value)).Take(MostRows)];
        html.Write($"""
            <details class="card table" id="table"><summary>Rows as a table ({rows.Length})</summary>
            <div class="scroll">
            <table><caption>{AttributionWords.Target(opening.Target, views.TextOf)}, position {opening.Position}
            </caption>
            <thead><tr><th scope="col">Component<th scope="col">Logits<th scope="col">Rank
            <tbody>

            """);
        foreach (var (rank, (label, value)) in shown.Index())
            html.Write($"<tr><td>{label}<td>{TraceWords.Signed(value)}<td>{rank + 1}\n");
        if (rows.Length > shown.Length)
            html.Write($"<tr><td>{rows.Length - shown.Length} more<td>")
                .Write($"{TraceWords.Signed(rows.Sum(row => row.Value) - shown.Sum(row => row.Value))}<td>\n");
        if (unit.LeftOut > 0 && !unit.IsCumulative)
            html.Write($"<tr><td>unaccounted<td>{TraceWords.Signed(unit.Unaccounted(views.Opening))}<td>\n");
        html.Write($"<tr><td>rounding<td>{unit.Rounding(views.Opening):0.0e-0}<td>\n");
        html.Write($"<tbody><tr><th scope=\"row\">{(unit.IsCumulative ? "last row and rounding" : "sum")}")
            .Write($"<td>{TraceWords.Signed(opening.Measured)}<td></table></div></details>\n");
    }
}
