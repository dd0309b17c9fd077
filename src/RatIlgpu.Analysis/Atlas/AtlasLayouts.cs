namespace RatIlgpu.Analysis;

/// <summary>The layouts of all passes, and the scores that they make.</summary>
static class AtlasLayouts
{
    /// <summary>The passes that run sequences.</summary>
    public static ImmutableArray<AtlasPass> Passes { get; } =
        [AtlasPass.Text, AtlasPass.Repeats, AtlasPass.Successors, AtlasPass.IndirectObject];

    /// <summary>Returns the layout of a pass over a model.</summary>
    public static PassLayout Of(AtlasPass pass, Qwen2Config config)
    {
        ImmutableArray<int> windows =
            [.. Enumerable.Range(0, config.LayerCount).Select(config.WindowOf).Distinct().Order()];
        return pass switch
        {
            AtlasPass.Text => new(
                pass,
                [
                    PreviousTokenDetector.OnText, PreviousTokenDetector.AtWordStart, PreviousTokenDetector.InsideWord,
                    DuplicateTokenDetector.OnText, DuplicateTokenDetector.OfRare, DuplicateTokenDetector.OfLast,
                    DuplicateTokenDetector.OfFirst, InductionDetector.OnText, PositionalDetector.FirstToken,
                    DelimiterDetector.Any, .. DelimiterDetector.OfClass, DelimiterDetector.FromOthers,
                    DelimiterDetector.Last,
                ])
            {
                HasProfile = true,
                Maps = ["text"],
                Windows = windows,
            },
            AtlasPass.Repeats => new(
                pass, InductionDetector.OnRandom, PreviousTokenDetector.OnRandom, DuplicateTokenDetector.OnRandom)
            {
                Maps = ["random", "repeats"],
                Windows = windows,
            },
            AtlasPass.Successors => new(
                pass, SuccessorDetector.InOrder, SuccessorDetector.Wrapped, SuccessorDetector.Permuted)
            {
                Windows = windows,
            },
            AtlasPass.IndirectObject => new(
                pass,
                IndirectObjectDetector.Contrast, IndirectObjectDetector.ToSecond, IndirectObjectDetector.ToSubject,
                IndirectObjectDetector.ToObject, IndirectObjectDetector.ToFirst)
            {
                Windows = windows,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(pass), $"{pass} runs no sequences."),
        };
    }
}
