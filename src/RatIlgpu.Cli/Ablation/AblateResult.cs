using RatIlgpu.Html;

namespace RatIlgpu.Cli.Ablation;

/// <summary>What the command found: the result of one of its studies.</summary>
abstract record AblateResult
{
    /// <summary>Gets the table of the CSV and Parquet files.</summary>
    public abstract ResultTable Table { get; }

    /// <summary>Prints the result.</summary>
    public abstract void Print(TextWriter output);

    /// <summary>Writes the JSON.</summary>
    public abstract void WriteJson(LanguageModel model, Stream stream, TraceOrigin origin);

    /// <summary>Returns the page.</summary>
    /// <exception cref="ArgumentException">It would be too large.</exception>
    public abstract HtmlPage Page(LanguageModel model, AblationPageOptions options);

    /// <summary>The effects of conditions.</summary>
    public sealed record Study(AblationReport Report) : AblateResult
    {
        public override ResultTable Table => AblationTables.Of(Report);

        public override void Print(TextWriter output) => AblateReport.Print(Report, output);

        public override void WriteJson(LanguageModel model, Stream stream, TraceOrigin origin) =>
            AblationJson.Write(Report, model, stream, origin);

        public override HtmlPage Page(LanguageModel model, AblationPageOptions options) =>
            AblationPage.Render(Report, model.Tokenizer.Token, options);
    }

    /// <summary>A redundancy test.</summary>
    public sealed record Redundancy(RedundancyReport Report) : AblateResult
    {
        public override ResultTable Table => AblationTables.Of(Report);

        public override void Print(TextWriter output) => AblateReport.Print(Report, output);

        public override void WriteJson(LanguageModel model, Stream stream, TraceOrigin origin) =>
            AblationJson.Write(Report, model, stream, origin);

        public override HtmlPage Page(LanguageModel model, AblationPageOptions options) =>
            AblationPage.Render(Report, model.Tokenizer.Token, options);
    }

    /// <summary>An offset sweep.</summary>
    public sealed record Offsets(OffsetSweep Sweep) : AblateResult
    {
        public override ResultTable Table => AblationTables.Of(Sweep);

        public override void Print(TextWriter output) => AblateReport.Print(Sweep, output);

        public override void WriteJson(LanguageModel model, Stream stream, TraceOrigin origin) =>
            AblationJson.Write(Sweep, model, stream, origin);

        public override HtmlPage Page(LanguageModel model, AblationPageOptions options) =>
            AblationPage.Render(Sweep, model.Tokenizer.Token, options);
    }
}
