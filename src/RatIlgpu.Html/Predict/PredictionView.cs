using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The tables of a page, with every token once.</summary>
sealed class PredictionView
{
    // In characters. A token of the tables that need no script stays on one line.
    const int LongestInTable = 30;

    public PredictionView(PredictionTableReport report, Func<int, TokenText> tokens)
    {
        (Report, Tokens) = (report, new(tokens));
        foreach (var prompt in report.Prompts)
        {
            foreach (var id in prompt.Prompt.Ids)
                Tokens.Place(id);
            foreach (var row in prompt.Rows)
                foreach (var id in row.Risen.Concat(row.Fallen).Select(one => one.Id).Append(row.Predicted.Id))
                    Tokens.Place(id);
        }
    }

    public PredictionTableReport Report { get; }

    /// <summary>Gets every token of the page.</summary>
    public TokenTable Tokens { get; }

    /// <summary>Returns the visible text of a token.</summary>
    public string Shown(int id) => TokenGlyphs.Show(Tokens[Tokens.Place(id)], LongestInTable);

    /// <summary>Returns the name of a prompt in the list of prompts: its label, or else its first tokens.</summary>
    public string NameOf(PredictionPrompt prompt) => prompt.Label.Length > 0
        ? TraceWords.Name(prompt.Label)
        : TraceWords.Name(string.Concat(prompt.Ids.Select(id => Tokens[Tokens.Place(id)].Text)));
}
