namespace RatIlgpu.Analysis;

/// <summary>Finds heads that attend, where a name is due, to the name that came twice, because it came
/// twice.</summary>
/// <remarks>Wang et al., "Interpretability in the Wild: a Circuit for Indirect Object Identification in GPT-2 Small",
/// 2022.</remarks>
static class IndirectObjectDetector
{
    /// <summary>Attention to the second place of the repeated name, less that with a third name there.</summary>
    public static HeadScoreDefinition Contrast { get; } = new(
        "s-inhibition", "Repeated name",
        "Attention of the last token to the second place of the repeated name, less the same with a third name in that "
        + "place.", AtlasPass.IndirectObject);

    /// <summary>Attention to the second place of the repeated name.</summary>
    public static HeadScoreDefinition ToSecond { get; } = Of("ioi-s2", "second place of the repeated name");

    /// <summary>Attention to the first place of the repeated name.</summary>
    public static HeadScoreDefinition ToSubject { get; } = Of("ioi-s1", "first place of the repeated name");

    /// <summary>Attention to the other name.</summary>
    public static HeadScoreDefinition ToObject { get; } = Of("ioi-io", "other name");

    /// <summary>Attention to the first token.</summary>
    public static HeadScoreDefinition ToFirst { get; } = Of("ioi-first", "first token");

    /// <summary>Marks the cells of a prompt.</summary>
    /// <param name="end">The last position.</param>
    /// <param name="other">The position of the other name.</param>
    /// <param name="first">The first place of the repeated name.</param>
    /// <param name="second">The second place.</param>
    /// <param name="rows">The cells.</param>
    public static void Mark(int end, int other, int first, int second, ScoreRows rows)
    {
        rows.Add(Contrast, end, [second]);
        rows.Add(ToSecond, end, [second]);
        rows.Add(ToSubject, end, [first]);
        rows.Add(ToObject, end, [other]);
        rows.Add(ToFirst, end, [0]);
    }

    /// <summary>Marks the cells of the same prompt with a third name in the second place.</summary>
    /// <param name="end">The last position.</param>
    /// <param name="second">The second place.</param>
    /// <param name="rows">The cells.</param>
    public static void MarkControl(int end, int second, ScoreRows rows) =>
        rows.Add(Contrast, end, [second], weight: -1, count: 0);

    static HeadScoreDefinition Of(string id, string name) => new(
        id, char.ToUpperInvariant(name[0]) + name[1..], $"Attention of the last token to the {name}.",
        AtlasPass.IndirectObject);
}
