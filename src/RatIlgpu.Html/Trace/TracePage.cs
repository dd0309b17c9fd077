using System.Collections.Immutable;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Shows a trace as a page: a diagram of its paths, the text they lead through, and every number.</summary>
public static class TracePage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "sankey.js", "strip.js", "zoom.js", "export.js", "trace-state.js", "trace-diagram.js", "trace-text.js",
        "trace-panels.js", "trace-export.js", "trace.js",
    ];

    /// <summary>Renders a trace; the same trace gives the same page, byte for byte. The page offers what
    /// <see cref="TraceJson"/> writes as a file.</summary>
    /// <param name="result">The trace.</param>
    /// <param name="options">How to show it. Default: <see cref="TracePageOptions"/> as it is made.</param>
    public static HtmlPage Render(TraceResult result, TracePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Render([result], options);
    }

    /// <summary>Renders traces of one prompt at several layers as one page, in which a slider chooses the
    /// layer.</summary>
    /// <param name="results">The traces, at least one: of the same tokens, target and model, in the order of their
    /// layers. The page opens at the last one.</param>
    /// <param name="options">How to show them. Default: <see cref="TracePageOptions"/> as it is made.</param>
    /// <exception cref="ArgumentException">There is no trace, or they do not belong together.</exception>
    public static HtmlPage Render(ImmutableArray<TraceResult> results, TracePageOptions? options = null)
    {
        if (results.IsDefaultOrEmpty)
            throw new ArgumentException("There is no trace to show: at least one is needed.");
        for (var i = 1; i < results.Length; i++)
            Check(results[i - 1], results[i]);
        options ??= new();
        var view = new TraceView(results);
        return new Page
        {
            Kind = "trace",
            Title = options.Title,
            Theme = options.Theme,
            Colours = Palette.HeatCss,
            Styles = ["trace.css", "trace-panels.css"],
            Scripts = Scripts,
            Data =
            [
                DataBlock.Json("data", view.WriteJson),
                .. SharedText.Blocks("trace-json", results.Select(TraceJson.Write)),
            ],
            Body = html => TraceMarkup.Write(html, view, options.Title),
        }.ToHtml();
    }

    // All but what depends on the layer is shown once.
    static void Check(TraceResult before, TraceResult result)
    {
        if (result.Layer <= before.Layer)
            throw new ArgumentException(
                $"The trace of layer {result.Layer} follows that of layer {before.Layer}, expected ascending layers.");
        if (result.Options != (before.Options with { Layer = result.Layer }) || result.Model != before.Model
            || !result.Tokens.AsSpan().SequenceEqual(before.Tokens.AsSpan()))
            throw new ArgumentException(
                $"The traces of the layers {before.Layer} and {result.Layer} differ in more than the layer, "
                + "expected the same model, tokens and options.");
    }
}

/// <summary>How a trace is shown; change it with <c>with</c>.</summary>
public sealed record TracePageOptions
{
    /// <summary>Gets the heading. Default: <c>Attention trace</c>.</summary>
    public string Title { get; init; } = "Attention trace";

    /// <summary>Gets how bright the page is until its reader chooses. Default: as the system prefers.</summary>
    public Theme Theme { get; init; } = Theme.Auto;
}
