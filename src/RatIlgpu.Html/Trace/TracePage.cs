using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Renders traces as pages: a diagram of the paths, the text of the prompt, and a table of the
/// links.</summary>
public static class TracePage
{
    static readonly ImmutableArray<string> Scripts =
    [
        "sankey.js", "strip.js", "zoom.js", "export.js", "trace-state.js", "trace-diagram.js", "trace-text.js",
        "trace-panels.js", "trace-export.js", "trace.js",
    ];

    /// <summary>Renders a trace. The same trace gives the same page, byte for byte. The page exports the trace as
    /// <see cref="TraceJson"/> writes it.</summary>
    /// <param name="result">The trace.</param>
    /// <param name="options">The title and the theme. Default: those of a new <see cref="TracePageOptions"/>.</param>
    public static HtmlPage Render(TraceResult result, TracePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return Render([result], options);
    }

    /// <summary>Renders traces of one prompt at several layers as one page, in which a slider chooses the
    /// layer.</summary>
    /// <param name="results">The traces, at least one, by ascending layer; model, tokens and other options are the
    /// same. The page opens at the last trace.</param>
    /// <param name="options">The title and the theme. Default: those of a new <see cref="TracePageOptions"/>.</param>
    /// <exception cref="ArgumentException">There is no trace, the layers do not ascend, or the traces differ in more
    /// than the layer.</exception>
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
                .. SharedText.Blocks("trace-json", view.Layers.Select(layer => layer.Exported())),
            ],
            Body = html => TraceMarkup.Write(html, view, options.Title),
        }.ToHtml();
    }

    // The page shows everything that does not depend on the layer only once.
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

/// <summary>The title and the theme of a page that shows a trace.</summary>
public sealed record TracePageOptions
{
    /// <summary>Gets the heading. Default: <c>Attention trace</c>.</summary>
    public string Title { get; init; } = "Attention trace";

    /// <summary>Gets the colour scheme until the reader chooses another. Default: that of the system.</summary>
    public PageTheme Theme { get; init; } = PageTheme.Auto;
}
