using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>Writes reports on components as Markdown.</summary>
public static class ComponentsMarkdown
{
    /// <summary>The first line of the file, by which it is known.</summary>
    public const string Mark = "<!-- ratilgpu components -->";

    /// <summary>Returns the text of the file. Text of tokens is escaped, so that it stands in its cell as it
    /// is.</summary>
    /// <param name="report">The report.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(ComponentReport report, LanguageModel model, TraceOrigin? origin = null)
    {
        var text = new StringBuilder().Append(Mark).Append("\n\n");
        Line($"# {Escape(origin?.Title ?? FormattableString.Invariant($"Components of layer {report.Layer}"))}");
        Line($"Model: {Escape(model.Name)}");
        if (origin?.Command is { } command)
            Line($"Made by: {Escape(command)}");
        foreach (var caveat in ComponentTables.Caveats(report))
            Line(Escape(caveat));
        foreach (var table in ComponentTables.Of(report, model.Tokenizer.Token))
        {
            Line($"## {Escape(table.Title)}");
            foreach (var note in table.Notes)
                Line(Escape(note));
            Row(table.Columns);
            Row([.. table.Columns.Select(_ => "---")], isRule: true);
            foreach (var row in table.Rows)
                Row(row);
            text.Append('\n');
        }

        return text.ToString();

        void Line(string line) => text.Append(line).Append("\n\n");

        void Row(ValueArray<string> cells, bool isRule = false) => text.Append("| ")
            .AppendJoin(" | ", cells.Select(cell => isRule ? cell : Escape(cell))).Append(" |\n");
    }

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="report">The report.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(ComponentReport report, LanguageModel model, string path, TraceOrigin? origin = null) =>
        WholeFile.Write(path, Write(report, model, origin));

    // A backslash before a mark of ASCII makes it a plain letter.
    static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in OneLine.Escape(text))
        {
            if (@"\`*_{}[]<>#|~&!".Contains(letter))
                escaped.Append('\\');
            escaped.Append(letter);
        }

        return escaped.ToString();
    }
}
