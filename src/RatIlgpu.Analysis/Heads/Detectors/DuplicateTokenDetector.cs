namespace RatIlgpu.Analysis;

/// <summary>Finds heads that attend to earlier copies of the query's token.</summary>
static class DuplicateTokenDetector
{
    /// <summary>On text.</summary>
    public static HeadScoreDefinition OnText { get; } = new(
        "duplicate", "Duplicate token",
        "Attention to all earlier copies of the token, on text, of queries that have one.", AtlasPass.Text);

    /// <summary>On text, without frequent tokens.</summary>
    public static HeadScoreDefinition OfRare { get; } = new(
        "duplicate-rare", "Duplicate token, rare tokens",
        "As duplicate, without the 50 tokens that are most frequent in the text that comes with the command.",
        AtlasPass.Text);

    /// <summary>On text, to the last copy.</summary>
    public static HeadScoreDefinition OfLast { get; } = new(
        "duplicate-last", "Duplicate token, last copy",
        "Attention to the last earlier copy of the token, on text, of queries that have several.", AtlasPass.Text);

    /// <summary>On text, to the first copy.</summary>
    public static HeadScoreDefinition OfFirst { get; } = new(
        "duplicate-first", "Duplicate token, first copy",
        "Attention to the first copy of the token, on text, of queries that have several.", AtlasPass.Text);

    /// <summary>On random tokens.</summary>
    public static HeadScoreDefinition OnRandom { get; } = new(
        "duplicate-random", "Duplicate token, random",
        "Attention to the earlier copy of the token, where distinct random tokens are repeated.", AtlasPass.Repeats);

    /// <summary>Marks the cells of a text.</summary>
    public static void Mark(TextFacts text, ScoreRows rows)
    {
        var copies = TextFacts.EarlierCopies(text.Ids);
        for (var query = text.FirstQuery; query < text.Ids.Length; query++)
        {
            int[] keys = [.. copies[query]];
            if (keys.Length == 0)
                continue;
            rows.Add(OnText, query, keys);
            if (!text.IsFrequent[query])
                rows.Add(OfRare, query, keys);
            if (keys.Length == 1)
                continue;
            rows.Add(OfLast, query, keys[^1..]);
            rows.Add(OfFirst, query, keys[..1]);
        }
    }

    /// <summary>Marks the cells of the later copies.</summary>
    public static void Mark(RepeatFacts repeats, ScoreRows rows)
    {
        var copies = TextFacts.EarlierCopies(repeats.Ids);
        for (var query = repeats.Start + repeats.HalfLength; query < repeats.Ids.Length; query++)
            rows.Add(OnRandom, query, [.. copies[query]]);
    }
}
