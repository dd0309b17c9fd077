namespace RatIlgpu.Analysis;

/// <summary>Marks what all detectors look at in the sequences of each pass.</summary>
static class SequenceMarks
{
    /// <summary>Returns the cells of a text.</summary>
    /// <param name="layout">The layout of the pass.</param>
    /// <param name="text">The text.</param>
    /// <param name="firstKey">The first key of the offset profile.</param>
    public static SequenceCells OfText(PassLayout layout, TextFacts text, int firstKey = 1)
    {
        var rows = new ScoreRows(layout, text.Ids.Length) { FirstQuery = text.FirstQuery };
        PreviousTokenDetector.Mark(text, rows);
        DuplicateTokenDetector.Mark(text, rows);
        InductionDetector.Mark(text, rows);
        PositionalDetector.Mark(text, firstKey, rows);
        DelimiterDetector.Mark(text, rows);
        MarkMap(0, first: 0, text.Ids.Length, rows);
        return rows.ToCells();
    }

    /// <summary>Returns the cells of repeated random tokens.</summary>
    public static SequenceCells OfRepeats(PassLayout layout, RepeatFacts repeats)
    {
        var rows = new ScoreRows(layout, repeats.Ids.Length);
        InductionDetector.Mark(repeats, rows);
        PreviousTokenDetector.Mark(repeats, rows);
        DuplicateTokenDetector.Mark(repeats, rows);
        MarkMap(0, repeats.Start, repeats.HalfLength, rows);
        var size = Math.Min(PassLayout.MapSize, repeats.HalfLength);
        for (var row = 0; row < size; row++)
            for (var column = 0; column < size; column++)
                rows.AddToMap(
                    1, row, column, repeats.Start + repeats.HalfLength + row, repeats.Start + column);
        return rows.ToCells();
    }

    static void MarkMap(int map, int first, int length, ScoreRows rows)
    {
        for (var row = 0; row < Math.Min(PassLayout.MapSize, length); row++)
            for (var column = 0; column <= row; column++)
                rows.AddToMap(map, row, column, first + row, first + column);
    }
}
