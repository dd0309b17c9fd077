namespace RatIlgpu.Analysis;

/// <summary>Finds heads that attend from an element of an ordered family to the one before it.</summary>
/// <remarks>Gould et al., "Successor Heads: Recurring, Interpretable Attention Heads In The Wild", 2023, define
/// successor heads by what they write: the succession score.</remarks>
static class SuccessorDetector
{
    /// <summary>In ordered runs, against other words.</summary>
    public static HeadScoreDefinition InOrder { get; } = new(
        "successor", "Successor",
        "Attention from an element of an ordered run to the one before, less the same with other words in all "
        + "places: a head that looks at positions alone scores 0.", AtlasPass.Successors);

    /// <summary>From the first element of a cyclic family to its last.</summary>
    public static HeadScoreDefinition Wrapped { get; } = new(
        "successor-wrap", "Successor, around the end",
        "As successor, where a run goes on from the last element of a family to its first, as from December to "
        + "January.", AtlasPass.Successors);

    /// <summary>In permuted runs.</summary>
    public static HeadScoreDefinition Permuted { get; } = new(
        "successor-permuted", "Successor, any order",
        "Attention from an element of a permuted run to its predecessor, less the mean over the other earlier "
        + "elements; neighbours and the first token are left out.", AtlasPass.Successors);

    /// <summary>Marks the cells of an ordered run, or of other words in its places.</summary>
    /// <param name="elements">The positions of the elements.</param>
    /// <param name="ordinals">The place in its family of each element of the run.</param>
    /// <param name="isControl">Whether the words are no elements of a family.</param>
    /// <param name="rows">The cells.</param>
    public static void Mark(ReadOnlySpan<int> elements, ReadOnlySpan<int> ordinals, bool isControl, ScoreRows rows)
    {
        for (var place = 1; place < elements.Length; place++)
            rows.Add(
                ordinals[place] > ordinals[place - 1] ? InOrder : Wrapped,
                elements[place], [elements[place - 1]], isControl ? -1 : 1, isControl ? 0 : 1);
    }

    /// <summary>Marks the cells of a permuted run.</summary>
    /// <param name="elements">The positions of the elements.</param>
    /// <param name="ordinals">The place of each element in its family.</param>
    /// <param name="rows">The cells.</param>
    public static void MarkPermuted(ReadOnlySpan<int> elements, ReadOnlySpan<int> ordinals, ScoreRows rows)
    {
        for (var place = 2; place < elements.Length; place++)
        {
            var (predecessor, others) = (-1, new List<int>());
            for (var earlier = 0; earlier < place - 1; earlier++)
                if (elements[earlier] == 0)
                    continue;
                else if (ordinals[earlier] == ordinals[place] - 1)
                    predecessor = elements[earlier];
                else
                    others.Add(elements[earlier]);
            if (predecessor < 0 || others.Count == 0)
                continue;
            rows.Add(Permuted, elements[place], [predecessor]);
            rows.Add(Permuted, elements[place], [.. others], -1.0 / others.Count, count: 0);
        }
    }
}
