using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the tables that need no script: effects of roles, behaviours, definitions, caveats, and the
/// strongest heads of each score.</summary>
sealed class AtlasTables(HeadAtlas atlas)
{
    // Of each score.
    const int MostHeads = 5;

    public void Write(HtmlWriter html) =>
        html.Include(WriteEffects).Include(WriteDefinitions).Include(WriteCaveats).Include(WriteStrongest);

    void WriteEffects(HtmlWriter html)
    {
        html.Write($"""
            <section class="card effects" id="effects"><div class="head"><h2>Effects of roles</h2></div>

            """);
        if (atlas.Behaviours.IsEmpty && atlas.RoleEffects.IsEmpty)
        {
            html.Write($"<p class=\"legend\">No head was taken away in the runs of this atlas.</p></section>\n");
            return;
        }

        if (!atlas.Behaviours.IsEmpty)
        {
            html.Write($"<div class=\"scroll\"><table class=\"short\"><caption>What the whole model does</caption>");
            html.Write($"<thead><tr><th scope=\"col\">Behaviour<th scope=\"col\">Value<th scope=\"col\">Unit<tbody>\n");
            foreach (var (behaviour, value) in atlas.Behaviours)
                html.Write($"<tr><td>{AtlasWords.NameOf(behaviour)}<td>{AtlasWords.Number(value)}")
                    .Write($"<td>{AtlasWords.UnitOf(behaviour)}\n");
            html.Write($"</tbody></table></div>\n");
        }

        if (!atlas.RoleEffects.IsEmpty)
            WriteRoleEffects(html);
        html.Write($"</section>\n");
    }

    void WriteRoleEffects(HtmlWriter html)
    {
        html.Write($"""
            <div class="scroll"><table><caption>How much worse a behaviour is without all heads of a role, and without
            as many random heads (mean ± sample standard deviation)</caption>
            <thead><tr><th scope="col">Role<th scope="col">Heads<th scope="col">Behaviour<th scope="col">Outputs become
            <th scope="col">Effect<th scope="col">Random heads<th scope="col">Draws<th scope="col">Verdict<tbody>

            """);
        foreach (var role in atlas.RoleEffects)
            foreach (var effect in role.Effects)
            {
                html.Write($"<tr><td><span class=\"chip hue-{AtlasWords.HueOf(role.Role)}\">");
                html.Write($"{AtlasWords.CodeOf(role.Role)}</span> {AtlasWords.NameOf(role.Role)}<td class=\"wrap\">");
                html.Write($"{string.Join(" ", role.Heads)}<td>{AtlasWords.NameOf(effect.Behaviour)}");
                html.Write($"<td>{(effect.Kind == HeadAblation.Zero ? "0" : "their mean")}");
                html.Write($"<td>{AtlasWords.Number(effect.Effect)} {AtlasWords.UnitOf(effect.Behaviour)}");
                html.Write($"<td>{AtlasWords.Number(effect.Null.Mean)} ± {AtlasWords.Number(effect.Null.Spread)}");
                html.Write($"{(effect.IsSameLayer ? "" : " (other layers too)")}<td>{effect.Null.Count}");
                html.Write($"<td>{AtlasWords.SignOf(effect.Verdict)} {AtlasWords.NameOf(effect.Verdict)}\n");
            }

        html.Write($"</tbody></table></div>\n");
    }

    void WriteDefinitions(HtmlWriter html)
    {
        html.Write($"""
            <section class="card effects" id="definitions"><div class="head"><h2>Definitions of the scores</h2></div>
            <div class="scroll"><table><thead><tr><th scope="col">Score<th scope="col">Id<th scope="col">Measured on
            <th scope="col">Unit<th scope="col">Meaning<tbody>

            """);
        foreach (var score in atlas.Scores)
        {
            html.Write($"<tr><td>{TraceWords.Name(score.Name)}<td><code>{score.Id}</code>");
            html.Write($"<td>{AtlasWords.NameOf(score.Pass)}");
            var unit = score.Unit ?? (score.IsAttention ? "attention" : "");
            html.Write($"<td>{TraceWords.Name(unit)}");
            html.Write($"<td class=\"wrap\">{TraceWords.Notice(score.Meaning)}\n");
        }

        html.Write($"</tbody></table></div></section>\n");
    }

    static void WriteCaveats(HtmlWriter html)
    {
        html.Write($"""
            <section class="card caveats"><div class="head"><h2>Before you conclude</h2></div><ul>
            """);
        foreach (var caveat in AtlasWords.Caveats)
            html.Write($"<li>{caveat}\n");
        html.Write($"</ul></section>\n");
    }

    void WriteStrongest(HtmlWriter html)
    {
        html.Write($"""
            <details class="card table" id="table"><summary>The strongest heads of each score as a table</summary>
            <div class="scroll"><table><caption>By excess; the interval is of 95 %, over sequences</caption><thead><tr>
            <th scope="col">Score<th scope="col">Head<th scope="col">Raw<th scope="col">Excess<th scope="col">Interval
            <th scope="col">Chance<th scope="col">Without first<th scope="col">Without self<th scope="col">n
            <th scope="col">Roles<tbody>

            """);
        foreach (var score in atlas.Scores)
            foreach (var head in atlas.Heads
                .Where(head => head.Scores.TryGetValue(score.Id, out var found) && double.IsFinite(found.Excess))
                .OrderByDescending(head => head.Scores[score.Id].Excess).Take(MostHeads))
                WriteHead(html, score, head);
        html.Write($"</tbody></table></div></details>\n");
    }

    static void WriteHead(HtmlWriter html, HeadScoreDefinition score, AtlasHead head)
    {
        var found = head.Scores[score.Id];
        html.Write($"<tr><td>{TraceWords.Name(score.Name)}<td>{head.Head.ToString()}");
        html.Write($"<td>{AtlasWords.Number(found.Raw)}<td>{AtlasWords.Number(found.Excess)}<td>");
        if (found is { Low: { } low, High: { } high })
            html.Write($"{AtlasWords.Number(low)} to {AtlasWords.Number(high)}");
        else
            html.Write($"–");
        html.Write($"<td>{AtlasWords.Number(found.Chance)}<td>{AtlasWords.Number(found.WithoutFirst)}");
        html.Write($"<td>{AtlasWords.Number(found.WithoutSelf)}<td>{found.Count:0}");
        html.Write($"<td>{string.Join(", ", head.Roles.Select(role => AtlasWords.NameOf(role.Role)))}\n");
    }
}
