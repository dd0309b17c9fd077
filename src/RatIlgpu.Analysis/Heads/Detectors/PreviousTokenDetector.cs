namespace RatIlgpu.Analysis;

/// <summary>Finds heads that attend to the token before the query.</summary>
static class PreviousTokenDetector
{
    /// <summary>On text.</summary>
    public static HeadScoreDefinition OnText { get; } = new(
        "previous", "Previous token", "Attention to the token before, on text.", AtlasPass.Text);

    /// <summary>On text, at tokens that begin a word.</summary>
    public static HeadScoreDefinition AtWordStart { get; } = new(
        "previous-word-start", "Previous token, word starts",
        "Attention to the token before, on text, of queries that begin a word.", AtlasPass.Text);

    /// <summary>On text, at tokens inside a word.</summary>
    public static HeadScoreDefinition InsideWord { get; } = new(
        "previous-word-inside", "Previous token, inside words",
        "Attention to the token before, on text, of queries inside a word.", AtlasPass.Text);

    /// <summary>On random tokens.</summary>
    public static HeadScoreDefinition OnRandom { get; } = new(
        "previous-random", "Previous token, random",
        "Attention to the token before, among distinct random tokens: high here and on text says that position "
        + "decides, high on text alone that content does.", AtlasPass.Repeats);

    /// <summary>Marks the cells of a text.</summary>
    public static void Mark(TextFacts text, ScoreRows rows)
    {
        for (var query = Math.Max(1, text.FirstQuery); query < text.Ids.Length; query++)
        {
            rows.Add(OnText, query, [query - 1]);
            rows.Add(text.StartsWord[query] ? AtWordStart : InsideWord, query, [query - 1]);
        }
    }

    /// <summary>Marks the cells of a first copy.</summary>
    public static void Mark(RepeatFacts repeats, ScoreRows rows)
    {
        var first = repeats.Start + Math.Max(1, repeats.FirstQuery);
        for (var query = first; query < repeats.Start + repeats.HalfLength; query++)
            rows.Add(OnRandom, query, [query - 1]);
    }
}
