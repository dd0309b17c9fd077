namespace RatIlgpu.Analysis;

/// <summary>Finds heads that attend to a fixed distance, or to the first token.</summary>
static class PositionalDetector
{
    /// <summary>The first token, on text.</summary>
    public static HeadScoreDefinition FirstToken { get; } = new(
        "first-token", "First token", "Attention to the first token, on text.", AtlasPass.Text);

    /// <summary>The distance with the most attention, on text.</summary>
    public static HeadScoreDefinition Offset { get; } = new(
        "offset", "Fixed distance",
        "The largest mean attention to a key of one distance of at least 1, on text, from the averaged profile without "
        + "the first key. Distances with fewer than 64 cells are left out.", AtlasPass.Text)
    { IsAttention = false };

    /// <summary>Marks the cells of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="firstKey">The first key of the profile: 1, since the first token draws attention from
    /// everywhere.</param>
    /// <param name="rows">The cells.</param>
    public static void Mark(TextFacts text, int firstKey, ScoreRows rows)
    {
        for (var query = text.FirstQuery; query < text.Ids.Length; query++)
            rows.Add(FirstToken, query, [0]);
        rows.AddProfile(text.FirstQuery, firstKey);
    }
}
