using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Checkpoints;

/// <summary>Prints what differs between two checkpoints: the weights by their parts, the heads that changed most, the
/// predictions, the scores and the roles.</summary>
/// <param name="diff">What differs.</param>
/// <param name="top">The most rows of each list, at least 1.</param>
/// <param name="output">Where it is printed.</param>
sealed class DiffReport(CheckpointDiff diff, int top, TextWriter output)
{
    // Tokens before a prediction that are shown.
    const int Context = 6;

    static readonly WeightPart[] OfHeads = [WeightPart.Query, WeightPart.Key, WeightPart.Value, WeightPart.Output];

    static readonly WeightPart[] Biases = [WeightPart.QueryBias, WeightPart.KeyBias, WeightPart.ValueBias];

    /// <summary>Prints the report.</summary>
    /// <param name="device">The device that computed.</param>
    public void Print(Device device)
    {
        output.WriteLine(ReportHead.Line("A", Text(
            $"{diff.A.Name}: {CountText.Of(diff.LayerCount, "layer")}, {CountText.Of(diff.HeadCount, "head")} each")));
        output.WriteLine(ReportHead.Line("B", diff.B.Name));
        output.WriteLine(ReportHead.Line("Device", $"{device.Name}: {device.Description}"));
        foreach (var warning in diff.Warnings)
            output.WriteLine(ReportHead.Line("Warning", warning));
        output.WriteLine();
        if (diff.AreEqual)
            output.WriteLine("  All weights are equal: every change is 0.");
        else
            PrintWeights();
        PrintHeads();
        if (diff.Texts is { } texts)
            PrintTexts(texts);
        if (diff.Scores is { } scores)
            PrintScores(scores);
    }

    void PrintWeights()
    {
        output.WriteLine("  Change of weights, ‖B − A‖ / ‖A‖, over the layers, and the ranks of the changes:");
        output.WriteLine("  weight              mean     most  in layer  rank");
        foreach (var part in diff.Weights.GroupBy(weight => weight.Part))
        {
            var known = part.Where(weight => weight.Whole.Relative is not null).ToList();
            var most = known.MaxBy(weight => weight.Whole.Relative);
            var mean = known.Count == 0 ? (double?)null : known.Average(weight => weight.Whole.Relative!.Value);
            var layer = most is { Whole.Relative: > 0, Layer: { } number } ? Text($"{number}") : "";
            output.WriteLine(Text(
                $"  {Words.Of(part.Key),-15}{Number(mean)}{Number(most?.Whole.Relative)}  {layer,8}  {Ranks(part)}")
                .TrimEnd());
        }
    }

    static string Ranks(IEnumerable<WeightChange> weights)
    {
        var all = weights.Where(weight => weight.Rows > 1).ToList();
        if (all.Count == 0)
            return "";
        int[] ranks = [.. all.Select(weight => weight.Whole.Rank ?? int.MaxValue)];
        var (least, most) = (ranks.Min(), ranks.Max());
        return least == most ? Rank(least) : $"{Rank(least)} to {Rank(most)}";

        static string Rank(int rank) => rank == int.MaxValue ? Text($"> {BlockChange.MostRank}") : Text($"{rank}");
    }

    void PrintHeads()
    {
        if (diff.Texts is { } texts)
            PrintHeads(
                head => texts.Heads[(head.Layer * diff.HeadCount) + head.Head].Mean.JensenShannon,
                "The heads whose attention changed most: mean Jensen-Shannon divergence in nats (at most 0.693), mean "
                    + "share of attention",
                "that goes elsewhere, and ‖B − A‖ / ‖A‖ of each block:");
        PrintHeads(
            head => Blocks(head).Max(block => block is { } one ? SizeOf(one) : 0),
            "The heads whose weights changed most, ‖B − A‖ / ‖A‖ of each block:");
    }

    // A head without a change is not listed.
    void PrintHeads(Func<HeadIndex, double> sizeOf, params ReadOnlySpan<string> title)
    {
        List<HeadIndex> heads =
        [
            .. (from layer in Enumerable.Range(0, diff.LayerCount)
                from head in Enumerable.Range(0, diff.HeadCount)
                let index = new HeadIndex(layer, head)
                let size = sizeOf(index)
                where size > 0
                orderby size descending, index
                select index).Take(top),
        ];
        if (heads.Count == 0)
            return;
        output.WriteLine();
        foreach (var line in title)
            output.WriteLine("  " + line);
        var attention = diff.Texts is null ? "" : "       js    moved";
        output.WriteLine(
            $"  head   {attention}    query      key    value   output{(HasBiases ? "     bias" : "")}"
            + (diff.Scores is null ? "" : "  score that changed most"));
        foreach (var head in heads)
            PrintHead(head);
    }

    void PrintHead(HeadIndex head)
    {
        var attention = diff.Texts?.Heads[(head.Layer * diff.HeadCount) + head.Head].Mean;
        output.WriteLine((Text($"  {head,-7}")
            + (attention is { } mean ? Number(mean.JensenShannon) + Number(mean.TotalVariation) : "")
            + string.Concat(Blocks(head).Select(block => Number(block?.Relative))) + MostScore(head)).TrimEnd());
    }

    // The blocks of the matrices, then the bias that changed most.
    IEnumerable<BlockChange?> Blocks(HeadIndex head)
    {
        foreach (var part in OfHeads)
            yield return diff.BlockOf(head, part);
        if (HasBiases)
            yield return Biases.Select(part => diff.BlockOf(head, part)).OfType<BlockChange>().MaxBy(SizeOf);
    }

    bool HasBiases => diff.Weights.Any(weight => Biases.Contains(weight.Part));

    // From 0 to something is more than any share.
    static double SizeOf(BlockChange block) => block.Relative ?? double.PositiveInfinity;

    // Of those that differ.
    string MostScore(HeadIndex head) =>
        diff.Scores?.Changes.Where(change => change.Head == head && change.Differs == true)
            .MaxBy(change => Math.Abs(change.Difference)) is { } most
            ? $"  {OneLine.Escape(most.ScoreId)} {Signed(most.Difference)}"
            : "";

    static string Signed(double number) => Text($"{number:+0.000;-0.000}");

    void PrintTexts(TextDivergence texts)
    {
        output.WriteLine();
        output.WriteLine(
            $"  On {CountText.Of(texts.PositionCount, "position")} of {CountText.Of(texts.Texts.Length, "sequence")} "
            + $"({OneLine.Escape(texts.Origin)}):");
        output.WriteLine("  streams after layers, mean cosine: " + string.Join(
            " ", texts.Cosines.Select(cosine => Text($"{cosine:F3}"))));
        if (texts.MeanKl is not { } kl)
        {
            output.WriteLine("  There are no logits: one of the models has no unembedding.");
            return;
        }

        output.WriteLine(Text($"  next token, mean KL(A ‖ B): {kl:G3} nats; ") + (texts.LossA is { } lossA
            ? Text($"loss of A {lossA:F3}, of B {texts.LossB:F3}")
            : "no loss: no token follows another one"));
        output.WriteLine($"  the likeliest next token changed at {CountText.Of(texts.Predictions.Length, "position")} ("
            + Text($"{100.0 * texts.Predictions.Length / Math.Max(1, texts.PositionCount):F1} %)")
            + (texts.Predictions.IsEmpty ? "." : "; the largest divergences:"));
        foreach (var one in texts.Predictions.Take(top))
            output.WriteLine(Text($"  KL {one.Kl,7:F3}  ") + OneLine.Escape(
                $"{ContextOf(texts.Texts[one.Text], one.Position)} │ {Shown(one.A)} → {Shown(one.B)}"));
    }

    static string ContextOf(DiffText text, int position)
    {
        var start = Math.Max(0, position + 1 - Context);
        return (start > 0 ? "…" : "") + string.Concat(
            text.Tokens.Items[start..(position + 1)].Select(token => TokenLabel.Shortened(token).Text));
    }

    static string Shown(DiffToken token) =>
        TokenLabel.Of(token.Token) + Text($" (A {token.ChanceA:P1}, B {token.ChanceB:P1})");

    void PrintScores(ScoreChanges scores)
    {
        output.WriteLine();
        var differ = scores.Changes.Where(change => change.Differs == true)
            .OrderByDescending(change => Math.Abs(change.Difference)).ToList();
        output.WriteLine(Text(
            $"  {differ.Count} of {scores.Changes.Length} scores of heads differ, by 95 % intervals that do not meet")
            + (differ.Count == 0 ? "." : "; excess of A and of B:"));
        foreach (var change in differ.Take(top))
            output.WriteLine(Text(
                $"  {change.Head,-7}{OneLine.Escape(change.ScoreId),-22}{Number(change.A.Excess)}  →")
                + Text($"{Number(change.B.Excess)}  ({Signed(change.Difference)})"));
        foreach (var (isGained, what) in new[] { (false, "lost"), (true, "gained") })
            if (scores.Roles.Where(role => role.IsGained == isGained).ToList() is { Count: > 0 } roles)
                output.WriteLine($"  Roles {what}: " + string.Join(
                    ", ", roles.Select(role => $"{role.Head} {Words.Of(role.Label.Role)}")));
    }

    static string Number(double? number) =>
        (number is not { } some || !double.IsFinite(some) ? "-"
            : some == 0 ? "0"
            : Math.Abs(some) < 5e-4 ? Text($"{some:0.0e+0}")
            : Text($"{some:F4}")).PadLeft(9);

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
