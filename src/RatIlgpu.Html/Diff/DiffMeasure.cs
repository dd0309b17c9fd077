using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>One number of every head that a page shows as a matrix.</summary>
/// <param name="Id">The name in addresses and tables.</param>
/// <param name="Name">The name on the page.</param>
/// <param name="Group">The heading under which it is listed.</param>
/// <param name="Meaning">What it measures, in a sentence.</param>
/// <param name="Values">The numbers, by layer, then by head; null for none.</param>
sealed record DiffMeasure(string Id, string Name, string Group, string Meaning, ImmutableArray<double?> Values)
{
    /// <summary>The headings, in the order in which they are listed.</summary>
    public const string Attention = "Attention on texts", Weights = "Weights of heads", Scores = "Scores, B − A";

    static readonly ImmutableArray<WeightPart> Parts =
    [
        WeightPart.Query, WeightPart.Key, WeightPart.Value, WeightPart.Output, WeightPart.QueryBias,
        WeightPart.KeyBias, WeightPart.ValueBias,
    ];

    /// <summary>Gets whether the numbers have a sign.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Gets whether the numbers are shown in percent.</summary>
    public bool IsPercent { get; init; }

    /// <summary>Gets the part of the weights of which it is the change; null for another number.</summary>
    public WeightPart? Part { get; init; }

    /// <summary>Gets the id of the score of which it is the change; null for another number.</summary>
    public string? ScoreId { get; init; }

    /// <summary>Returns the numbers that a comparison has of every head.</summary>
    public static ImmutableArray<DiffMeasure> Of(CheckpointDiff diff) =>
        [.. OfAttention(diff), .. OfWeights(diff), .. OfScores(diff)];

    /// <summary>Returns the number with which a page opens: the first that is not 0 of all heads; null where heads have
    /// no numbers.</summary>
    public static DiffMeasure? Opening(ImmutableArray<DiffMeasure> measures) =>
        measures.FirstOrDefault(measure => measure.Values.Any(value => value is not (null or 0)))
        ?? measures.FirstOrDefault();

    static IEnumerable<DiffMeasure> OfAttention(CheckpointDiff diff)
    {
        if (diff.Texts is not { } texts)
            yield break;
        yield return new(
            "js", "Jensen-Shannon divergence", Attention,
            "How far the rows of attention of A and B are apart, in nats: the mean over queries, from 0 to ln 2 = "
            + "0.693.",
            [.. texts.Heads.Items.Select(head => Known(head.Mean.JensenShannon))]);
        yield return new(
            "moved", "Attention moved", Attention,
            "The share of a query's attention that goes to other keys (total variation): the mean over queries.",
            [.. texts.Heads.Items.Select(head => Known(head.Mean.TotalVariation))])
        {
            IsPercent = true,
        };
    }

    static IEnumerable<DiffMeasure> OfWeights(CheckpointDiff diff)
    {
        foreach (var part in Parts.Where(part => diff.Weights.Any(weight => weight.Part == part)))
            yield return new(
                DiffWords.IdOf(part), $"{DiffWords.NameOf(part)}, relative change", Weights,
                $"‖B − A‖ / ‖A‖ of the head's {DiffWords.BlockOf(part)}.",
                [.. All(diff).Select(head => Known(diff.BlockOf(head, part)?.Relative))])
            {
                IsPercent = true,
                Part = part,
            };
    }

    static IEnumerable<DiffMeasure> OfScores(CheckpointDiff diff)
    {
        if (diff.Scores is not { } scores)
            yield break;
        var found = scores.Changes.ToDictionary(change => (change.Head, change.ScoreId));
        foreach (var score in scores.Scores)
            yield return new(
                "score-" + score.Id, TraceWords.Name(score.Name), Scores, TraceWords.Notice(score.Meaning),
                [.. All(diff).Select(head => Known(found.GetValueOrDefault((head, score.Id))?.Difference))])
            {
                IsSigned = true,
                ScoreId = score.Id,
            };
    }

    /// <summary>Returns all heads, by layer, then by number.</summary>
    public static IEnumerable<HeadIndex> All(CheckpointDiff diff) =>
        from layer in Enumerable.Range(0, diff.LayerCount)
        from head in Enumerable.Range(0, diff.HeadCount)
        select new HeadIndex(layer, head);

    static double? Known(double? number) => number is { } some && double.IsFinite(some) ? number : null;
}
