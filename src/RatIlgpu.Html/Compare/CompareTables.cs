using RatIlgpu.Files;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Writes the tables of a page of two traces or flows, which need no script.</summary>
sealed class CompareTables(Comparison comparison)
{
    // In characters. A cell of a table stays on one line.
    const int LongestInTable = 24;

    // More rows would be hard to read; the exports have all.
    const int MostTokens = 400, MostParts = 200;

    readonly ComparedSide a = comparison.SideA, b = comparison.SideB;
    readonly CompareWords words = comparison.Words;

    /// <summary>Writes the tables of paths, links and parts of scores.</summary>
    public void Write(HtmlWriter html) => html.Include(WritePaths).Include(WriteLinks).Include(WriteParts);

    /// <summary>Writes the table of tokens.</summary>
    public void WriteTokens(HtmlWriter html)
    {
        html.Write($"""
            <table class="differences" id="tokens" aria-label="Tokens by difference of share">
            <thead><tr><th scope="col">Token</th>
            <th scope="col">A</th><th scope="col">B</th><th scope="col">More in</th></tr></thead><tbody>

            """);
        foreach (var pair in comparison.Tokens.Take(MostTokens))
        {
            html.Write($"""<tr><td><button data-pick="{Pick(pair, 'n')}">""");
            WriteToken(html, pair.A, pair.B);
            html.Write($"</button></td>");
            WriteShares(html, pair);
        }

        html.Write($"</tbody></table>");
        if (comparison.Tokens.Length > MostTokens)
            html.Write($"""<p class="muted">and {Rest(comparison.Tokens.Length - MostTokens)} less</p>""");
    }

    static string Rest(int tokens) => $"{CountText.Of(tokens, "token")} that {(tokens == 1 ? "differs" : "differ")}";

    void WritePaths(HtmlWriter html)
    {
        html.Write($"""
            <details class="card wide" open><summary>Paths by difference of share ({comparison.Paths.Length})
            </summary><div class="scroll"><table class="differences" id="paths"
            aria-label="Paths by difference of share"><thead><tr><th scope="col">Path</th>
            <th scope="col">Tokens</th><th scope="col">A</th><th scope="col">B</th><th scope="col">More in</th></tr>
            </thead><tbody>

            """);
        foreach (var pair in comparison.Paths)
        {
            var rank = pair.A == Alignment.None ? $"B {pair.B + 1}" : $"A {pair.A + 1}";
            var other = pair.A == Alignment.None || pair.B == Alignment.None ? Only(pair) : $" B {pair.B + 1}";
            var (shown, path) = pair.A == Alignment.None ? (b, pair.B) : (a, pair.A);
            html.Write($"<tr><td><button data-pick=\"{Pick(pair, 'p')}\" aria-label=\"Path {rank}\">{rank}</button>");
            html.Write($"<span class=\"muted\">{other}</span></td><td>");
            shown.WriteRoute(html, path);
            html.Write($"</td>");
            WriteShares(html, pair);
        }

        html.Write($"</tbody></table></div></details>\n");
    }

    void WriteLinks(HtmlWriter html)
    {
        html.Write($"""
            <details class="card" id="table" open><summary>{words.Link}s by difference of share
            ({comparison.Links.Length})
            </summary><div class="scroll"><table class="differences" id="links"
            aria-label="{words.Link}s by difference of share"><thead><tr><th scope="col">{words.Link}</th>
            <th scope="col">{words.Ends.Later}</th><th scope="col">{words.Ends.Earlier}</th>
            <th scope="col">A</th><th scope="col">B</th>
            <th scope="col">More in</th></tr></thead><tbody>

            """);
        for (var i = 0; i < comparison.Links.Length; i++)
        {
            var pair = comparison.Links[i];
            var (query, key, layer) = EndsOf(pair);
            html.Write($"<tr><td><button data-pick=\"{Pick(pair, 'e')}\" aria-label=\"{words.Link} {i + 1}\">")
                .Write($"{i + 1}</button>{(layer is null ? "" : $" L{layer}")}")
                .Write($"<span class=\"muted\">{Only(pair)}</span></td><td>");
            WriteToken(html, query.A, query.B);
            html.Write($"</td><td>");
            WriteToken(html, key.A, key.B);
            html.Write($"</td>");
            WriteShares(html, pair);
        }

        html.Write($"</tbody></table></div></details>\n");
    }

    void WriteParts(HtmlWriter html)
    {
        if (comparison.Parts is not { } parts)
            return;
        html.Write($"""
            <details class="card wide" id="why" open><summary>Parts of scores by difference ({parts.Length})
            </summary><div class="scroll"><table class="differences" id="parts"
            aria-label="Parts of scores by difference"><thead><tr><th scope="col">{words.Ends.Later}</th>
            <th scope="col">{words.Ends.Earlier}</th><th scope="col">Part of query · part of key</th>
            <th scope="col">A</th><th scope="col">B</th>
            <th scope="col">More in</th></tr></thead><tbody>

            """);
        foreach (var part in parts.Take(MostParts))
        {
            html.Write($"<tr><td>");
            WriteToken(html, part.A.Target, part.B.Target);
            html.Write($"</td><td>");
            WriteToken(html, part.A.Source, part.B.Source);
            html.Write($"</td><td><bdi>{NameOf(part)}</bdi></td><td>{Number(part.ValueA, part.A)}</td>")
                .Write($"<td>{Number(part.ValueB, part.B)}</td><td>{part.Words}</td></tr>\n");
        }

        html.Write($"</tbody></table></div>");
        if (parts.IsEmpty)
            html.Write($"""<p class="muted">No link is explained in both.</p>""");
        else if (parts.Length > MostParts)
            html.Write($"""<p class="muted">and {parts.Length - MostParts} parts that differ less</p>""");
        html.Write($"</details>\n");
    }

    static string NameOf(PartDifference part) => part is { Query: { } query, Key: { } key }
        ? TraceWords.PairOf(new(query, key, 0))
        : "whole score";

    static string Number(double? value, LinkExplanation link) => value is { } known
        ? TraceWords.Signed(known)
        : string.Create(CultureInfo.InvariantCulture, $"±{PartDifference.LimitOf(link):F4}");

    void WriteToken(HtmlWriter html, int inA, int inB)
    {
        if (inA == Alignment.None || inB == Alignment.None)
        {
            var (shown, position, side) = inB == Alignment.None ? (a, inA, "A") : (b, inB, "B");
            html.Write($"<bdi>{Show(shown.Tokens[position])}</bdi> {position} ")
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

    // A link that only one result has can connect tokens that both have.
    ((int A, int B) Query, (int A, int B) Key, int? Layer) EndsOf(ShareDifference pair)
    {
        var (bOfA, aOfB) = (comparison.Alignment.BOfA, comparison.Alignment.AOfB);
        if (pair.A != Alignment.None)
        {
            var ofA = a.EndsOf(pair.A);
            return ((ofA.Query, bOfA[ofA.Query]), (ofA.Key, bOfA[ofA.Key]), ofA.Layer);
        }

        var ofB = b.EndsOf(pair.B);
        return ((aOfB[ofB.Query], ofB.Query), (aOfB[ofB.Key], ofB.Key), ofB.Layer);
    }

    static string Pick(ShareDifference pair, char kind) =>
        pair.A == Alignment.None ? $"b{kind}{pair.B}" : $"a{kind}{pair.A}";

    static string Only(ShareDifference pair) =>
        pair.B == Alignment.None ? " only A" : pair.A == Alignment.None ? " only B" : "";

    /// <summary>Returns the visible text of a token, as tables have it.</summary>
    public static string Show(TokenText token) => TokenGlyphs.Show(token, LongestInTable);
}
