using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the tables that are there without script: the states, and their mean.</summary>
sealed class LensTables(LensView view)
{
    // In characters. A cell of the table stays on one line.
    const int LongestInTable = 30;

    // More rows make the page slow before its script runs.
    const int MostRows = 1_000;

    // The most probable tokens of a state in its row.
    const int MostTokens = 5;

    public void Write(HtmlWriter html)
    {
        var cells = view.Prompts.Sum(prompt => (long)prompt.Cells.Length);
        html.Write($"""
            <details class="card table" id="table"><summary>States as a table (
            """).Write($"{(int)Math.Min(cells, MostRows)}").Write($"""
            )</summary>
            <div class="scroll"><table><caption>{Caption(cells)}</caption>
            <thead><tr>
            """);
        if (view.Prompts.Length > 1)
            html.Write($"""<th scope="col">Prompt""");
        html.Write($"""<th scope="col">Position<th scope="col">After<th scope="col">State""");
        html.Write($"""<th scope="col">Most probable next tokens<th scope="col">Entropy<th scope="col">KL""");
        for (var place = 0; place < view.Followed; place++)
            html.Write($"""<th scope="col">{LensWords.Followed(view, place)}""");
        foreach (var name in view.Directions)
            html.Write($"""<th scope="col">{LensWords.Direction(name)}""");
        html.Write($"<tbody>\n");
        // The last positions come first: a prompt is mostly asked at its end.
        foreach (var (prompt, column, state) in Cells().Take(MostRows))
            WriteRow(html, prompt, column, state);
        html.Write($"</tbody></table></div></details>\n");
        WriteMean(html);
    }

    static string Caption(long cells) => cells <= MostRows
        ? "The prediction of every state; entropy and KL(final ‖ state) in nats"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"The first {MostRows:N0} of {cells:N0} predictions, the last positions first; the grid and the exported "
            + $"files have all. Entropy and KL(final ‖ state) in nats");

    IEnumerable<(LensGrid Prompt, int Column, int State)> Cells() =>
        from prompt in view.Prompts
        from column in Enumerable.Range(0, prompt.Positions.Length).Reverse()
        from state in Enumerable.Range(0, view.States.Length)
        select (prompt, column, state);

    void WriteRow(HtmlWriter html, LensGrid prompt, int column, int state)
    {
        var cell = prompt[state, column];
        html.Write($"<tr>");
        if (view.Prompts.Length > 1)
            html.Write($"<td>{prompt.Number}");
        html.Write($"<td>{cell.Position}<td><bdi>{Shown(prompt.Reading.TokenIds[cell.Position])}</bdi>");
        html.Write($"<td>{cell.State.Label}<td>");
        foreach (var (place, token) in cell.Top.Take(MostTokens).Index())
            html.Write($"{(place > 0 ? ", " : "")}<bdi>{Shown(token.Id)}</bdi> {Percent(token.Probability)}");
        html.Write($"<td>{cell.Entropy:F3}<td>{cell.KlDivergence:F3}");
        for (var place = 0; place < view.Followed; place++)
            if (place < cell.Tokens.Length)
                html.Write($"<td>rank {cell.Tokens[place].Rank}, {Percent(cell.Tokens[place].Probability)}");
            else
                html.Write($"<td>–");
        foreach (var name in view.Directions)
        {
            var values = cell.Projections.Where(one => one.Direction.Name == name).Select(one => one.Value);
            html.Write($"<td>{string.Join(", ", values.Select(Signed))}");
        }

        html.Write($"\n");
    }

    void WriteMean(HtmlWriter html)
    {
        var count = view.Batch.Prompts.Sum(prompt => prompt.States.Length) / view.States.Length;
        if (count == 1)
            return;
        html.Write($"""
            <details class="card table" id="mean"><summary>Mean over all positions and prompts (
            """).Write($"{count}").Write($"""
            )</summary>
            <div class="scroll"><table><caption>Mean ± sample standard deviation; entropy and KL(final ‖ state) in nats
            </caption><thead><tr><th scope="col">State<th scope="col">Entropy<th scope="col">KL
            """);
        var followed = view.Batch.Mean.Max(mean => mean.Followed.Length);
        for (var place = 0; place < followed; place++)
            html.Write($"""<th scope="col">Rank of {LensWords.Followed(view, place)}<th scope="col">Probability""");
        html.Write($"<tbody>\n");
        foreach (var mean in view.Batch.Mean)
        {
            html.Write($"<tr><td>{mean.State.Label}<td>{Spread(mean.Entropy, "F3")}");
            html.Write($"<td>{Spread(mean.KlDivergence, "F3")}");
            foreach (var token in mean.Followed)
            {
                html.Write($"<td>{Spread(token.Rank, "F1")}");
                html.Write($"<td>{Spread(token.Probability, "P1")}");
            }

            html.Write($"\n");
        }

        html.Write($"</tbody></table></div></details>\n");
    }

    string Shown(int id) => TokenGlyphs.Show(view.Tokens[view.Tokens.Place(id)], LongestInTable);

    static string Percent(double part) => TraceWords.Percent(part);

    static string Signed(double number) => number.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    static string Spread(MeanAndSpread number, string format) =>
        $"{number.Mean.ToString(format, CultureInfo.InvariantCulture)} ± "
        + number.Spread.ToString(format, CultureInfo.InvariantCulture);
}
