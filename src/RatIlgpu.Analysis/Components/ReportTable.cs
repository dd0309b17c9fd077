namespace RatIlgpu.Analysis;

/// <summary>A table of a report, in words.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Notes">Sentences above the table.</param>
/// <param name="Columns">The names of the columns.</param>
/// <param name="Rows">The cells, row by row; they may have text of tokens.</param>
public sealed record ReportTable(
    string Title, ValueArray<string> Notes, ValueArray<string> Columns, ValueArray<ValueArray<string>> Rows);
