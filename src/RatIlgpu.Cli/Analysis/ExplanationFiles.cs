using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The page and the figure of explanations of attention scores.</summary>
/// <param name="Output">Where the page goes.</param>
/// <param name="Svg">Where the figure goes.</param>
/// <param name="Look">The title, the theme and the largest size.</param>
sealed record ExplanationFiles(PageOutput Output, SvgOutput Svg, ExplanationPageOptions Look)
{
    /// <summary>The file of the page.</summary>
    public const string Page = "explanation.html";

    /// <summary>Gets the readings that a page has beside the one that is asked for: what a part does at this key alone,
    /// and what it does when it is taken away at all keys.</summary>
    public static ImmutableArray<ScoreReading> Beside { get; } = [ScoreReading.Here, ScoreReading.Others];

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">An option is about a page or a figure, and none is asked for.</exception>
    public static ExplanationFiles Read(ParseResult parsed, CliOptions options) => new(
        PageOutput.Read(parsed, options, Page), SvgOutput.Read(parsed, options),
        PageLook.Of<ExplanationPageOptions>(parsed, options));

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">One cannot.</exception>
    public void Try()
    {
        Output.Try();
        Svg.Try();
    }

    /// <summary>Writes what was asked for, and says where.</summary>
    /// <param name="runs">The explanations of each prompt.</param>
    /// <param name="session">The model, and where the report goes.</param>
    /// <exception cref="ArgumentException">The page would be too large.</exception>
    public void Write(ImmutableArray<ExplainedRun> runs, Session session)
    {
        var model = session.Model;
        var options = Look with
        {
            Model = session.Traced,
            Origin = session.Origin,
        };
        Output.Write(() => PageOf(runs, options with { Notices = [.. LeftOut(runs)] }, session), session);
        var first = runs[0].Found[0];
        var isOne = runs is [{ Found.Length: 1 }];
        Svg.Write(
            () => ExplanationPage.ToSvg(first, model.Tokenizer.Token, options), session.Report,
            isOne ? "" : string.Create(
                CultureInfo.InvariantCulture,
                $"{(session.IsBatch ? "prompt 1, " : "")}the link to key {first.Key}"));
    }

    // Readings that nobody asked for make no page too large: they are left out, and the page says so.
    static HtmlPage PageOf(ImmutableArray<ExplainedRun> runs, ExplanationPageOptions options, Session session)
    {
        ImmutableArray<string> beside =
            [.. runs.SelectMany(run => run.Beside).Select(found => Words.Of(found.Options.Reading)).Distinct()];
        try
        {
            return Render(run => run.Found.AddRange(run.Beside), options);
        }
        catch (ArgumentException large) when (large.ParamName == nameof(PageOptions.MaxBytes) && !beside.IsEmpty)
        {
            var text = (beside is [var only]
                ? $"The reading {only} is left out: with it the page is too large. "
                : $"The readings {string.Join(" and ", beside)} are left out: with them the page is too large. ")
                + OptionNames.MessageOf(large);
            var page = Render(run => run.Found, options with { Notices = [.. options.Notices, text] });
            session.Report.WriteLine();
            session.Report.WriteLine(ReportHead.Line("Note", text));
            return page;
        }

        HtmlPage Render(Func<ExplainedRun, ImmutableArray<ScoreAttribution>> shown, ExplanationPageOptions look) =>
            ExplanationPage.Render([.. runs.Select(shown)], session.Model.Tokenizer.Token, look);
    }

    // The page alone has several readings.
    static IEnumerable<string> LeftOut(ImmutableArray<ExplainedRun> runs) => runs.Index().SelectMany(run =>
        run.Item.LeftOut.Select(text => runs.Length == 1
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"Prompt {run.Index + 1}: {text}")));
}
