using RatIlgpu.Analysis;
using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Renders prediction tables: what a model predicts after a prompt without heads and values, and the tokens
/// whose logits rise and fall.</summary>
public static class PredictionPage
{
    static readonly ImmutableArray<string> Scripts =
        ["strip.js", "export.js", "range.js", "predict-data.js", "predict-table.js", "predict-export.js", "predict.js"];

    /// <summary>Renders the tables of prompts as one page. The same tables give the same page, byte for byte.</summary>
    /// <param name="report">The tables.</param>
    /// <param name="tokens">Returns the text of a token by its id.</param>
    /// <param name="options">What else is shown. Default: that of a new <see cref="PredictionPageOptions"/>.</param>
    /// <exception cref="ArgumentException">There is no table, or the page would be larger than the options
    /// allow.</exception>
    public static HtmlPage Render(
        PredictionTableReport report, Func<int, TokenText> tokens, PredictionPageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(tokens);
        options ??= new();
        if (report.Prompts.IsEmpty)
            throw new ArgumentException("There is no table, expected one or more.");
        var view = new PredictionView(report, tokens);
        var title = TraceWords.TitleOf(options.Title, options.Origin, PredictionWords.Title);
        return new Page
        {
            Kind = "predict",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = ["parts.css", "predict.css"],
            Scripts = Scripts,
            Data = PageLimit.Collect(
                new PredictionBlocks(view, options).All(), options.MaxBytes,
                ($"{CountText.Of(report.Prompts.Length, "table")} with up to "
                        + $"{CountText.Of(report.Options.Top, "token")} that "
                        + $"{(report.Options.Top == 1 ? "rises" : "rise")} and as many that fall in a row",
                    "Choose fewer prompts, heads or tokens")),
            Body = html => new PredictionMarkup(view, options, title).Write(html),
        }.ToHtml();
    }
}

/// <summary>What a page of prediction tables shows beside the tables; change it with <c>with</c>.</summary>
/// <remarks>Without a title, the heading is <c>Predictions without heads and values</c>.</remarks>
public sealed record PredictionPageOptions : PageOptions
{
    /// <summary>Gets the model, for the facts at the top and for the exported JSON. Default: null, unknown.</summary>
    public TracedModel? Model { get; init; }
}
