using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the roles of all heads as a matrix of layers by heads, and as a list of roles with their
/// heads.</summary>
sealed class AtlasMatrix(HeadAtlas atlas, bool isWide)
{
    // Of a role, in the list.
    const int MostHeads = 6;

    // More squares have no room in a cell.
    const int MostSquares = 3;

    public void Write(HtmlWriter html)
    {
        var manifest = atlas.Manifest;
        var (groups, size) = (manifest.KeyValueHeadCount, manifest.HeadCount / manifest.KeyValueHeadCount);
        html.Write($"<section class=\"card roles\" id=\"roles\" aria-label=\"Roles of all heads\"");
        if (isWide)
            html.Write($" data-wide");
        html.Write($"""
            ><div class="head"><h2>Roles</h2><span class="muted">layer by head; a brace is a key/value head</span></div>
            <p class="legend">
            """);
        foreach (var verdict in Enum.GetValues<CausalVerdict>())
            html.Write($"<span>{AtlasWords.SignOf(verdict)} {AtlasWords.NameOf(verdict)}</span>");
        html.Write($"""
            <span><i class="more-roles"></i> one more role</span></p>
            <div class="scroll"><table class="matrix" id="matrix" role="grid"><thead aria-hidden="true"><tr><td></td>
            """);
        for (var group = 0; group < groups; group++)
            html.Write($"<th colspan=\"{size}\" class=\"kv\"><span>kv {group}</span>");
        html.Write($"\n<tr><td></td>");
        for (var head = 0; head < manifest.HeadCount; head++)
            html.Write($"<th>{head}");
        html.Write($"</thead><tbody>\n");
        for (var layer = 0; layer < manifest.LayerCount; layer++)
        {
            html.Write($"<tr><th scope=\"row\">{layer}");
            for (var head = 0; head < manifest.HeadCount; head++)
                WriteCell(html, atlas[new(layer, head)]);
            html.Write($"\n");
        }

        html.Write($"</tbody></table></div></section>\n");
    }

    /// <summary>Writes each role with its colour, its letters and its strongest heads.</summary>
    public void WriteRoles(HtmlWriter html)
    {
        html.Write($"""<section class="card by-role"><h2>Roles and their strongest heads</h2><dl>""");
        foreach (var role in Enum.GetValues<HeadRole>())
        {
            var heads = atlas.Heads.SelectMany(head => head.Roles.Where(one => one.Role == role)
                    .Select(one => (head.Head, one.Confidence)))
                .OrderByDescending(one => one.Confidence).ThenBy(one => one.Head).ToList();
            if (heads.Count == 0)
                continue;
            html.Write($"<dt><span class=\"chip hue-{AtlasWords.HueOf(role)}\">{AtlasWords.CodeOf(role)}</span> ");
            html.Write($"{AtlasWords.NameOf(role)} <span class=\"muted\">{heads.Count}</span><dd>");
            foreach (var (head, _) in heads.Take(MostHeads))
                html.Write($"<button data-n=\"{head.Layer}.{head.Head}\">{head.ToString()}</button> ");
            html.Write($"\n");
        }

        html.Write($"</dl></section>\n");
    }

    static void WriteCell(HtmlWriter html, AtlasHead head)
    {
        html.Write($"<td role=\"gridcell\" tabindex=\"-1\" data-n=\"{head.Head.Layer}.{head.Head.Head}\"");
        html.Write($" aria-label=\"{AtlasWords.Describe(head)}\"");
        if (head.Roles.IsEmpty)
        {
            html.Write($">");
            return;
        }

        var first = head.Roles[0];
        html.Write($" class=\"hue-{AtlasWords.HueOf(first.Role)}\">{AtlasWords.CodeOf(first.Role)}");
        if (first.Verdict is { } verdict)
            html.Write($"<sub>{AtlasWords.SignOf(verdict)}</sub>");
        if (head.Roles.Length == 1)
            return;
        html.Write($"<s>");
        foreach (var role in head.Roles.Skip(1).Take(MostSquares))
            html.Write($"<i class=\"hue-{AtlasWords.HueOf(role.Role)}\"></i>");
        html.Write($"</s>");
    }
}
