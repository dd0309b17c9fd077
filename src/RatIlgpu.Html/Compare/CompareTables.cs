using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes the tables of a page of two traces, which need no script.</summary>
sealed class CompareTables(TraceComparison comparison)
{
    // In characters. A cell of a table stays on one line.
    const int LongestInTable = 24;

    readonly TraceResult a = comparison.A, b = comparison.B;

    /// <summary>Writes the tables of paths and links.</summary>
    public void Write(HtmlWriter html) => html.Include(WritePaths).Include(WriteLinks);

    /// <summary>Writes the table of tokens.</summary>
    public void WriteTokens(HtmlWriter html)
    {
        html.Write($"""
            <table class="differences" id="tokens" aria-label="Tokens by difference of share">
            <thead><tr><th scope="col">Token</th>
            <th scope="col">A</th><th scope="col">B</th><th scope="col">More in</th></tr></thead><tbody>

            """);
        foreach (var pair in comparison.Tokens)
        {
            html.Write($"""<tr><td><button data-pick="{Pick(pair, 'n')}">""");
            WriteToken(html, pair.A, pair.B);
            html.Write($"</button></td>");
            WriteShares(html, pair);
        }

        html.Write($"</tbody></table>");
    }

    void WritePaths(HtmlWriter html)
    {
        html.Write($"""
            <details class="card wide" open><summary>Paths by difference of share ({comparison.Paths.Length})
            </summary><div class="scroll"><table class="differences" id="paths"
            aria-label="Paths by difference of share"><thead><tr><th scope="col">Path</th>
            <th scope="col">Tokens</th><th scope="col">A</th><th scope="col">B</th><th scope="col">More in</th></tr>
            </thead><tbody>

            """);
        var (apartInA, apartInB) = (StepsApart(a), StepsApart(b));
        foreach (var pair in comparison.Paths)
        {
            var rank = pair.A == Alignment.None ? $"B {pair.B + 1}" : $"A {pair.A + 1}";
            var other = pair.A == Alignment.None || pair.B == Alignment.None ? Only(pair) : $" B {pair.B + 1}";
            var (trace, path) = pair.A == Alignment.None ? (b, pair.B) : (a, pair.A);
            html.Write($"<tr><td><button data-pick=\"{Pick(pair, 'p')}\" aria-label=\"Path {rank}\">{rank}</button>");
            html.Write($"<span class=\"muted\">{other}</span></td><td>");
            WriteRoute(html, trace, path, (pair.A == Alignment.None ? apartInB : apartInA)[path]);
            html.Write($"</td>");
            WriteShares(html, pair);
        }

        html.Write($"</tbody></table></div></details>\n");
    }

    // The earliest token first, as everywhere.
    static void WriteRoute(HtmlWriter html, TraceResult trace, int path, ImmutableArray<bool> apart)
    {
        var positions = trace.Paths[path].Positions;
        for (var step = positions.Length - 1; step >= 0; step--)
        {
            html.Write($"<bdi>{Show(trace.Tokens[positions[step]])}</bdi>");
            if (apart[step])
                html.Write($"@{positions[step]}");
            html.Write($"{(step > 0 ? " → " : "")}");
        }
    }

    // Tells for each path the steps whose positions tell it from paths that read alike.
    static ImmutableArray<ImmutableArray<bool>> StepsApart(TraceResult trace)
    {
        ImmutableArray<ImmutableArray<int>> paths = [.. trace.Paths.Select(path => path.Positions)];
        var alike = paths.ToLookup(RouteOf);
        return [.. paths.Select(path => path.Select((position, step) =>
            alike[RouteOf(path)].Any(other => other[step] != position)).ToImmutableArray())];

        string RouteOf(ImmutableArray<int> path) =>
            string.Join('\n', path.Select(position => Show(trace.Tokens[position])));
    }

    void WriteLinks(HtmlWriter html)
    {
        html.Write($"""
            <details class="card" id="table" open><summary>Links by difference of share ({comparison.Links.Length})
            </summary><div class="scroll"><table class="differences" id="links"
            aria-label="Links by difference of share"><thead><tr><th scope="col">Link</th>
            <th scope="col">Query</th><th scope="col">attends to key</th><th scope="col">A</th><th scope="col">B</th>
            <th scope="col">More in</th></tr></thead><tbody>

            """);
        for (var i = 0; i < comparison.Links.Length; i++)
        {
            var pair = comparison.Links[i];
            var (query, key) = EndsOf(pair);
            html.Write($"<tr><td><button data-pick=\"{Pick(pair, 'e')}\" aria-label=\"Link {i + 1}\">{i + 1}</button>");
            html.Write($"<span class=\"muted\">{Only(pair)}</span></td><td>");
            WriteToken(html, query.A, query.B);
            html.Write($"</td><td>");
            WriteToken(html, key.A, key.B);
            html.Write($"</td>");
            WriteShares(html, pair);
        }

        html.Write($"</tbody></table></div></details>\n");
    }

    void WriteToken(HtmlWriter html, int inA, int inB)
    {
        if (inA == Alignment.None || inB == Alignment.None)
        {
            var (trace, position, side) = inB == Alignment.None ? (a, inA, "A") : (b, inB, "B");
            html.Write($"<bdi>{Show(trace.Tokens[position])}</bdi> {position} ")
                .Write($"""<span class="muted">only {side}</span>""");
            return;
        }

        var (tokenA, tokenB) = (Show(a.Tokens[inA]), Show(b.Tokens[inB]));
        html.Write($"<bdi>{tokenA}</bdi> {inA}");
        if (tokenA != tokenB)
            html.Write($" / <bdi>{tokenB}</bdi> {inB}");
        else if (inA != inB)
            html.Write($" / {inB}");
    }

    void WriteShares(HtmlWriter html, ShareDifference pair)
    {
        html.Write($"<td>{TraceWords.Percent(pair.ShareA)}</td><td>{TraceWords.Percent(pair.ShareB)}</td>");
        html.Write($"""<td><span class="more" data-d="{comparison.Scale.StepOf(pair)}">{pair.Words}</span></td></tr>""")
            .Write($"\n");
    }

    // A link that only one trace has can connect tokens that both have.
    ((int A, int B) Query, (int A, int B) Key) EndsOf(ShareDifference pair)
    {
        var (bOfA, aOfB) = (comparison.Alignment.BOfA, comparison.Alignment.AOfB);
        if (pair.A != Alignment.None)
        {
            var ofA = a.Sankey.Links[pair.A];
            return ((ofA.Target, bOfA[ofA.Target]), (ofA.Source, bOfA[ofA.Source]));
        }

        var ofB = b.Sankey.Links[pair.B];
        return ((aOfB[ofB.Target], ofB.Target), (aOfB[ofB.Source], ofB.Source));
    }

    static string Pick(ShareDifference pair, char kind) =>
        pair.A == Alignment.None ? $"b{kind}{pair.B}" : $"a{kind}{pair.A}";

    static string Only(ShareDifference pair) =>
        pair.B == Alignment.None ? " only A" : pair.A == Alignment.None ? " only B" : "";

    static string Show(TokenText token) => TokenGlyphs.Show(token, LongestInTable);
}
