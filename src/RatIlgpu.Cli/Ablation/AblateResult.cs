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

    /// <summary>The effects of conditions.</summary>
    public sealed record Study(AblationReport Report) : AblateResult
    {
        public override ResultTable Table => AblationTables.Of(Report);

        public override void Print(TextWriter output) => AblateReport.Print(Report, output);

        public override void WriteJson(LanguageModel model, Stream stream, TraceOrigin origin) =>
            AblationJson.Write(Report, model, stream, origin);
    }

    /// <summary>A redundancy test.</summary>
    public sealed record Redundancy(RedundancyReport Report) : AblateResult
    {
        public override ResultTable Table => AblationTables.Of(Report);

        public override void Print(TextWriter output) => AblateReport.Print(Report, output);

        public override void WriteJson(LanguageModel model, Stream stream, TraceOrigin origin) =>
            AblationJson.Write(Report, model, stream, origin);
    }

    /// <summary>An offset sweep.</summary>
    public sealed record Offsets(OffsetSweep Sweep) : AblateResult
    {
        public override ResultTable Table => AblationTables.Of(Sweep);

        public override void Print(TextWriter output) => AblateReport.Print(Sweep, output);

        public override void WriteJson(LanguageModel model, Stream stream, TraceOrigin origin) =>
            AblationJson.Write(Sweep, model, stream, origin);
    }
}
