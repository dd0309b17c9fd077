namespace RatIlgpu.Cli.Ablation;

/// <summary>Prints studies of ablation.</summary>
static class AblateReport
{
    const int MostRows = 40, MostNamed = 12, MostScores = 12;

    /// <summary>Prints the model and the samples.</summary>
    public static void PrintHead(
        Session session, ImmutableArray<AblationSample> samples, AblateSamples source, AblateStudy study)
    {
        var output = session.Report;
        ReportHead.PrintModel(output, session.Model);
        var positions = string.Join(", ", samples.Take(MostNamed).Select(sample => sample.Position))
            + (samples.Length > MostNamed ? ", …" : "");
        output.WriteLine(ReportHead.Line("Samples", Text($"{samples.Length}, changed at ")
            + (study.Options.Everywhere ? "all positions" : $"position {positions}")
            + (study is { Options.Everywhere: true, Offsets: not null } ? $", looked at from {positions}" : "")
            + (source.HasPrompts ? "" : Text($"; texts of {samples.Max(sample => sample.Ids.Length)} tokens at most, ")
                + Text($"seed {source.Seed}"))));
        if (study.AboutMeans(samples) is { } warning)
            output.WriteLine(ReportHead.Line("Note", warning));
    }

    /// <summary>Prints the conditions of a study, those first that change predictions most.</summary>
    public static void Print(AblationReport report, TextWriter output)
    {
        var shown = report.Conditions.OrderByDescending(effect => effect.Divergence.Mean).Take(MostRows).ToList();
        var width = shown.Max(effect => Name(effect).Length);
        output.WriteLine();
        output.WriteLine(report.Options.Everywhere
            ? "  What each condition changes, at all positions; all numbers are means over them:"
            : "  What each condition changes, at one position; KL and changed are over the positions from there on:");
        output.WriteLine(
            $"  {"condition".PadRight(width)}   KL, nats        ±  changed  NIP there   cosine  NIP last");
        foreach (var effect in shown)
        {
            var (first, last) = (effect.Layers[0], effect.Layers[^1]);
            output.WriteLine(
                $"  {Name(effect).PadRight(width)} {Number(effect.Divergence.Mean, 10)} "
                + $"{Number(effect.Divergence.Spread, 8)} {Percent(effect.Changed.Mean)} "
                + $"{Number(first.Projection.Mean, 10)} {Number(first.Cosine.Mean, 8)} "
                + Number(last.Projection.Mean, 9));
        }

        if (shown.Count < report.Conditions.Length)
            output.WriteLine(Text($"  The files have all {report.Conditions.Length} conditions."));
        output.WriteLine("  NIP: ⟨x, y⟩ / |x|² of what attention writes without the change, x, and with it, y: 1 if y");
        output.WriteLine("  has all of x; there: in the changed layer; last: in the last one.");
        if (report.Scores is { } scores)
            Print(scores, output);
    }

    // Of each condition, the scores that it changes most.
    static void Print(AblatedScores scores, TextWriter output)
    {
        var changed = scores.Conditions.Index()
            .Select(one => (Name: one.Item.ShortName, Place: one.Index, Scores: scores.Changed(one.Index).ToList()));
        output.WriteLine();
        output.WriteLine(
            Text($"  Scores of other heads on {scores.Data.CopyLength} random tokens, twice, that change by 0.05:"));
        foreach (var (name, place, all) in changed)
        {
            output.WriteLine($"  {name}:{(all.Count == 0 ? " none" : "")}");
            foreach (var score in all.Take(MostScores))
                output.WriteLine(
                    $"    {score.Head,-7} {score.Score,-17} {Number(score.Before, 7)} → "
                    + Number(score.After[place], 7));
            if (all.Count > MostScores)
                output.WriteLine(Text($"    and {all.Count - MostScores} more, which the files have"));
        }
    }

    /// <summary>Prints a redundancy test.</summary>
    public static void Print(RedundancyReport report, TextWriter output)
    {
        var layer = report.Heads[0].Layer;
        var own = string.Join(", ", report.ValueHeads);
        output.WriteLine();
        var where = report.Components is null ? " at t" : ", of queries at t and of keys at t − 1";
        output.WriteLine($"  A: without {report.Removed}{where}.");
        output.WriteLine(Text($"  B: without the values at t − 1: of all heads of layer {layer}, or of {own} alone."));
        output.WriteLine(Text($"  {"What layer " + layer + " writes at t",-34}      NIP        ±   cosine        ±"));
        foreach (var one in report.Comparisons.Where(one => one.Layer == layer))
            output.WriteLine(
                $"  {one.Name,-34} {Number(one.Projection.Mean, 8)} {Number(one.Projection.Spread, 8)} "
                + $"{Number(one.Cosine.Mean, 8)} {Number(one.Cosine.Spread, 8)}");
        output.WriteLine();
        output.WriteLine(Index("the values of all heads", report.Redundancy, report.Interaction));
        output.WriteLine(Index($"the values of {own}", report.OwnRedundancy, report.OwnInteraction));
        output.WriteLine("  R = 1 − (1 − NIP(A, A and B)) / (1 − NIP(none, B)): 1 if A takes away all that B");
        output.WriteLine("  does, 0 if nothing.");
        output.WriteLine("  Interaction: the loss of both, less that of each; below 0 where they take the same away.");
    }

    /// <summary>Prints a sweep in the layer of its heads.</summary>
    public static void Print(OffsetSweep sweep, TextWriter output)
    {
        var layer = sweep.Layers[0];
        output.WriteLine();
        output.WriteLine(Text($"  NIP of what layer {layer.Layer} writes at t, without the values o tokens back:"));
        output.WriteLine("       o   values       and A   difference");
        foreach (var point in layer.Points)
            output.WriteLine(
                Text($"  {point.Offset,6} ") + $"{Number(point.Values.Projection.Mean, 8)} "
                + $"{Number(point.Both.Projection.Mean, 11)} {Number(point.Difference, 12)}");
        output.WriteLine(
            $"  A: {sweep.Removed}. Without A alone: {Number(layer.HeadsAlone.Projection.Mean, 0)}.");
    }

    /// <summary>Prints a comparison of attention: of each condition, each head at the distance that changes
    /// most.</summary>
    public static void Print(AttentionComparison comparison, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(Text(
            $"  Attention in layer {comparison.Layer} from t to the token o back, o from 0 to {comparison.Most}, ")
            + "where it changes most:");
        foreach (var (place, condition) in comparison.Conditions.Index().Take(MostNamed))
        {
            output.WriteLine($"  {condition.ShortName}:");
            output.WriteLine("    head       o   without        ±     with        ±  difference  ± error");
            foreach (var head in comparison.Heads.OrderByDescending(head => SizeOf(head, place)).Take(MostScores))
            {
                var (changed, at) = (head.Conditions[place], head.Conditions[place].Largest);
                var (before, after, difference) = (head.Before[at], changed.After[at], changed.Difference[at]);
                output.WriteLine(
                    Text($"    {head.Head,-7} {at,4} ") + $"{Number(before.Mean, 9)} {Number(before.Spread, 8)} "
                    + $"{Number(after.Mean, 8)} {Number(after.Spread, 8)} {Number(difference.Mean, 11)} "
                    + Number(difference.StandardError, 8));
            }
        }

        if (comparison.Conditions.Length > MostNamed || comparison.Heads.Length > MostScores)
            output.WriteLine(
                $"  The files have all {CountText.Of(comparison.Conditions.Length, "condition")} and "
                + $"{CountText.Of(comparison.Heads.Length, "head")}.");
        output.WriteLine("  ±: standard deviation over the samples; error: standard error of the mean difference.");
    }

    static double SizeOf(HeadDistances head, int condition) =>
        Math.Abs(head.Conditions[condition].Difference[head.Conditions[condition].Largest].Mean);

    static string Name(ConditionEffect effect) => effect.Condition.ShortName;

    static string Index(string values, double? redundancy, double? interaction) =>
        $"  B of {values}: R {Number(redundancy, 0)}, interaction {Number(interaction, 0)}.";

    static string Percent(double share) => Text($"{share * 100,6:F1} %");

    // Of an output that is zero there is none.
    static string Number(double? number, int width) =>
        (number is { } some && double.IsFinite(some) ? Text($"{some:F4}") : "–").PadLeft(width);

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
