namespace RatIlgpu.Analysis;

/// <summary>Finds heads that attend to punctuation and line ends.</summary>
/// <remarks>The chance level is the share of delimiters among the keys that each query sees, not in the whole
/// text.</remarks>
static class DelimiterDetector
{
    /// <summary>All classes.</summary>
    public static HeadScoreDefinition Any { get; } = new(
        "delimiter", "Delimiters", "Attention to delimiters of all classes, on text.", AtlasPass.Text);

    /// <summary>One class each.</summary>
    public static ImmutableArray<HeadScoreDefinition> OfClass { get; } =
    [
        Of("sentence-end", "sentence ends", "sentence ends"),
        Of("comma", "commas", "commas, semicolons and colons"),
        Of("newline", "line ends", "line ends"),
        Of("bracket", "brackets", "brackets and quotation marks"),
        Of("operator", "operators", "operators of code"),
    ];

    /// <summary>Of queries that are no delimiters.</summary>
    public static HeadScoreDefinition FromOthers { get; } = new(
        "delimiter-other", "Delimiters, other queries",
        "Attention to delimiters of all classes, on text, of queries that are none.", AtlasPass.Text);

    /// <summary>The last one.</summary>
    public static HeadScoreDefinition Last { get; } = new(
        "delimiter-last", "Last delimiter",
        "Attention to the last delimiter before the query, on text: high for heads that read the end of a segment.",
        AtlasPass.Text);

    /// <summary>Marks the cells of a text.</summary>
    public static void Mark(TextFacts text, ScoreRows rows)
    {
        rows.CountDelimiters(text.Delimiters.Count(kind => kind >= 0));
        for (var query = text.FirstQuery; query < text.Ids.Length; query++)
        {
            int[] all = [.. Enumerable.Range(0, query + 1).Where(key => text.Delimiters[key] >= 0)];
            rows.Add(Any, query, all);
            foreach (var (number, score) in OfClass.Index())
                rows.Add(score, query, [.. all.Where(key => text.Delimiters[key] == number)]);
            if (text.Delimiters[query] < 0)
                rows.Add(FromOthers, query, all);
            if (all.LastOrDefault(key => key < query, -1) is >= 0 and var last)
                rows.Add(Last, query, [last]);
        }
    }

    static HeadScoreDefinition Of(string id, string name, string meaning) => new(
        $"delimiter-{id}", $"Delimiters, {name}", $"Attention to {meaning}, on text.", AtlasPass.Text);
}
