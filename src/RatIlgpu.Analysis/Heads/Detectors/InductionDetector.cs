namespace RatIlgpu.Analysis;

/// <summary>Finds heads that attend to the token after an earlier copy of the query's token.</summary>
/// <remarks>Olsson et al., "In-context Learning and Induction Heads", 2022 (prefix matching).</remarks>
static class InductionDetector
{
    /// <summary>On repeated random tokens.</summary>
    public static HeadScoreDefinition OnRandom { get; } = new(
        "induction", "Induction",
        "Attention to the tokens after earlier copies of the token, where distinct random tokens are repeated; the "
        + "last token of a copy is left out.", AtlasPass.Repeats);

    /// <summary>On text.</summary>
    public static HeadScoreDefinition OnText { get; } = new(
        "induction-text", "Induction, text",
        "Attention to the tokens after earlier copies of the token, on text, of queries that have one.",
        AtlasPass.Text);

    /// <summary>Marks the cells of a text.</summary>
    public static void Mark(TextFacts text, ScoreRows rows)
    {
        var copies = TextFacts.EarlierCopies(text.Ids);
        for (var query = text.FirstQuery; query < text.Ids.Length; query++)
            if (copies[query].Count > 0)
                rows.Add(OnText, query, [.. copies[query].Select(copy => copy + 1)]);
    }

    /// <summary>Marks the cells of the later copies.</summary>
    public static void Mark(RepeatFacts repeats, ScoreRows rows)
    {
        var copies = TextFacts.EarlierCopies(repeats.Ids);
        for (var query = repeats.Start + repeats.HalfLength; query < repeats.Ids.Length; query++)
            if ((query - repeats.Start + 1) % repeats.HalfLength != 0)
                rows.Add(OnRandom, query, [.. copies[query].Select(copy => copy + 1)]);
    }
}
