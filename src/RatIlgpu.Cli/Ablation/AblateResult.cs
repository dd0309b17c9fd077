using RatIlgpu.Html;

namespace RatIlgpu.Cli.Ablation;

/// <summary>What the command found: the result of one of its studies.</summary>
/// <param name="Table">The table of the CSV and Parquet files.</param>
/// <param name="Print">Prints the result.</param>
/// <param name="WriteJson">Writes the JSON.</param>
/// <param name="Page">Returns the page; throws <see cref="ArgumentException"/> if it would be too large.</param>
/// <param name="Svg">Returns the static figure.</param>
sealed record AblateResult(
    ResultTable Table,
    Action<TextWriter> Print,
    Action<LanguageModel, Stream, TraceOrigin> WriteJson,
    Func<LanguageModel, AblationPageOptions, HtmlPage> Page,
    Func<AblationPageOptions, string> Svg)
{
    /// <summary>Returns the result of a study.</summary>
    public static AblateResult Of(AblationReport report) => new(
        AblationTables.Of(report),
        output => AblateReport.Print(report, output),
        (model, stream, origin) => AblationJson.Write(report, model, stream, origin),
        (model, options) => AblationPage.Render(report, model.Tokenizer.Token, options),
        options => AblationPage.ToSvg(report, options));

    /// <summary>Returns the result of a redundancy test.</summary>
    public static AblateResult Of(RedundancyReport report) => new(
        AblationTables.Of(report),
        output => AblateReport.Print(report, output),
        (model, stream, origin) => AblationJson.Write(report, model, stream, origin),
        (model, options) => AblationPage.Render(report, model.Tokenizer.Token, options),
        options => AblationPage.ToSvg(report, options));

    /// <summary>Returns the result of an offset sweep.</summary>
    public static AblateResult Of(OffsetSweep sweep) => new(
        AblationTables.Of(sweep),
        output => AblateReport.Print(sweep, output),
        (model, stream, origin) => AblationJson.Write(sweep, model, stream, origin),
        (model, options) => AblationPage.Render(sweep, model.Tokenizer.Token, options),
        options => AblationPage.ToSvg(sweep, options));

    /// <summary>Returns the result of a comparison of attention.</summary>
    public static AblateResult Of(AttentionComparison comparison) => new(
        AblationTables.Of(comparison),
        output => AblateReport.Print(comparison, output),
        (model, stream, origin) => AblationJson.Write(comparison, model, stream, origin),
        (model, options) => AblationPage.Render(comparison, model.Tokenizer.Token, options),
        options => AblationPage.ToSvg(comparison, options));
}
