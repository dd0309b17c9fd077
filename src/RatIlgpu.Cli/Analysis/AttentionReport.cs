using RatIlgpu.Html;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints what heads attend to: a table of few heads, of many those that do something simple most.</summary>
static class AttentionReport
{
    const int MostRows = 16, MostNamed = 5;

    /// <summary>Prints the heads of each prompt.</summary>
    public static void Print(AttentionRun run, HeadNotation notation, Session session)
    {
        var (output, several) = (session.Report, run.Prompts.Length > 1);
        ReportHead.PrintModel(output, session.Model);
        ReportHead.PrintAblated(output, run.Ablated);
        foreach (var (place, (prompt, label)) in run.Prompts.Index())
        {
            ReportHead.PrintPrompt(session, prompt, run.TokensOf(place));
            if (several && label is not null)
                output.WriteLine(ReportHead.Line("Label", label));
            output.WriteLine();
            Print(run.Summaries[place].Heads, notation, output);
        }
    }

    static void Print(IReadOnlyList<HeadSummary> heads, HeadNotation notation, TextWriter output)
    {
        if (double.IsNaN(heads[0].First))
            output.WriteLine("  One token attends to itself alone: nothing is to be said of its heads.");
        else if (heads.Count <= MostRows)
            PrintRows(heads, notation, output);
        else
            PrintBest(heads, notation, output);
    }

    static void PrintRows(IReadOnlyList<HeadSummary> heads, HeadNotation notation, TextWriter output)
    {
        output.WriteLine("  Mean attention of the queries behind the first token, and its entropy in nats:");
        var width = heads.Max(head => Name(head.Head, notation).Length);
        output.WriteLine($"  {"".PadRight(width)}  first token  previous token  own token  entropy");
        foreach (var head in heads)
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {Name(head.Head, notation).PadRight(width)}  {head.First,11:F3}  {head.Previous,14:F3}  "
                + $"{head.Self,9:F3}  {head.Entropy,7:F2}"));
    }

    static void PrintBest(IReadOnlyList<HeadSummary> heads, HeadNotation notation, TextWriter output)
    {
        output.WriteLine($"  Of {heads.Count} heads those with the largest mean attention of a query behind the first "
            + "token to");
        Line("the first token", head => head.First);
        Line("the previous token", head => head.Previous);
        Line("its own token", head => head.Self);
        output.WriteLine("  and with the entropy of its attention, in nats,");
        Line("least", head => -head.Entropy);
        Line("largest", head => head.Entropy);

        void Line(string name, Func<HeadSummary, double> by) => output.WriteLine(
            $"    {name,-18}  "
            + string.Join(", ", heads.OrderByDescending(by).Take(MostNamed).Select(head =>
                $"{Name(head.Head, notation)} {Math.Abs(by(head)).ToString("F2", CultureInfo.InvariantCulture)}")));
    }

    static string Name(HeadIndex head, HeadNotation notation) => notation == HeadNotation.Dot
        ? string.Create(CultureInfo.InvariantCulture, $"{head.Layer}.{head.Head}")
        : head.ToString();
}
