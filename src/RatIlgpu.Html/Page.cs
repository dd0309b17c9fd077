using System.Collections.Immutable;

namespace RatIlgpu.Html;

/// <summary>The shell that every page shares: one file, in which nothing but the page's own script may run.</summary>
sealed class Page
{
    static readonly string BaseStyle = Palette.Css + Asset.Join("base.css");
    static readonly string BaseScript = Asset.Join("core.js");

    /// <summary>Gets the kind of page, such as <c>trace</c>.</summary>
    public required string Kind { get; init; }

    public required string Title { get; init; }

    public required Theme Theme { get; init; }

    /// <summary>Gets the scripts beyond the shared one, in the order in which they run.</summary>
    public required ImmutableArray<string> Scripts { get; init; }

    /// <summary>Gets the colours beyond the shared ones, as rules.</summary>
    public string Colours { get; init; } = "";

    /// <summary>Gets the styles beyond the shared one.</summary>
    public required ImmutableArray<string> Styles { get; init; }

    /// <summary>Gets the blocks of data, by the identifier under which the script finds them.</summary>
    public required ImmutableArray<DataBlock> Data { get; init; }

    /// <summary>Gets what writes the visible part.</summary>
    public required Action<HtmlWriter> Body { get; init; }

    public HtmlPage ToHtml()
    {
        var script = BaseScript + Asset.Join(Scripts.AsSpan());
        var style = BaseStyle + Colours + Asset.Join(Styles.AsSpan());
        var html = new HtmlWriter();
        html.Write($"""
            <!doctype html>
            <html lang="en" data-page="{Kind}" data-theme="{Theme.ToString().ToLowerInvariant()}">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="
            """);
        // A hash is base64 and the policy is ours: nothing here needs escaping, and an escaped "+" reads badly.
        html.WriteRaw($"default-src 'none'; script-src {Asset.PolicyHash(script)}; "
            + $"style-src {Asset.PolicyHash(style)}; img-src data: blob:; base-uri 'none'; form-action 'none'");
        html.Write($"""
            ">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Title}</title>
            <style>
            """).WriteRaw(style).Write($"""
            </style>
            </head>
            <body>

            """).Include(Body);
        foreach (var block in Data)
            block.Write(html);
        html.Write($"""<script type="module">""").WriteRaw(script).Write($"</script>\n</body>\n</html>\n");
        return new(html.ToString());
    }
}
