using System.Collections.Immutable;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Trace;

/// <summary>Shows a trace as a page: a diagram of its paths, the text they lead through, and every number.</summary>
public static class TracePage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "trace-state.js", "trace-diagram.js", "trace-zoom.js", "trace-text.js", "trace-panels.js", "trace-export.js",
        "trace.js",
    ];

    /// <summary>Renders a trace; the same trace gives the same page, byte for byte.</summary>
    /// <param name="result">The trace.</param>
    /// <param name="options">How to show it. Default: <see cref="TracePageOptions"/> as it is made.</param>
    public static HtmlPage Render(TraceResult result, TracePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        options ??= new();
        var view = new TraceView(result);
        var data = DataBlock.Json("data", view.WriteJson);
        return new Page
        {
            Kind = "trace",
            Title = options.Title,
            Theme = options.Theme,
            Styles = ["trace.css"],
            Scripts = Scripts,
            Data = options.TraceJson is { } json ? [data, DataBlock.Compressed("trace-json", json)] : [data],
            Body = html => TraceMarkup.Write(html, view, options.Title),
        }.ToHtml();
    }
}
