namespace RatIlgpu.Html;

/// <summary>The help of a page: what it shows, and the keys.</summary>
static class HelpDialog
{
    /// <summary>Writes the dialog, which is closed until it is asked for.</summary>
    public static void Write(
        HtmlWriter html,
        IEnumerable<(string What, string Meaning)> meanings,
        IEnumerable<(string[] Keys, string Action)> keys)
    {
        html.Write($"""
            <dialog id="help" closedby="any" aria-labelledby="help-title">
            <div class="head"><h2 id="help-title">How to read this page</h2>
            <button id="help-close">Close</button></div>
            <dl>
            """);
        // Terms and their meanings need no end tags.
        foreach (var (what, meaning) in meanings)
            html.Write($"<dt>{what}<dd>{meaning}");
        html.Write($"</dl>\n<h3>Keys</h3>\n<dl>");
        foreach (var (names, action) in keys)
        {
            html.Write($"<dt>");
            foreach (var name in names)
                html.Write($"<kbd>{name}</kbd> ");
            html.Write($"<dd>{action}");
        }

        html.Write($"</dl>\n</dialog>\n");
    }
}
