namespace RatIlgpu.Analysis;

/// <summary>The words for the axes of patches: <c>layer</c>, <c>position</c>, <c>head</c>, <c>key</c>.</summary>
public static class PatchAxisWords
{
    static readonly ImmutableArray<(string Word, PatchAxes Axis)> Known =
    [
        ("layer", PatchAxes.Layer), ("position", PatchAxes.Position), ("head", PatchAxes.Head), ("key", PatchAxes.Key),
    ];

    /// <summary>Gets all words, in the order of the axes of a grid.</summary>
    public static ValueArray<string> All => [.. Known.Select(one => one.Word)];

    /// <summary>Returns the words for axes, in the order of the axes of a grid; every grid has layers.</summary>
    public static ValueArray<string> Of(PatchAxes axes) =>
        [.. Known.Where(one => axes.HasFlag(one.Axis)).Select(one => one.Word)];

    /// <summary>Returns the axes for words.</summary>
    /// <param name="words">The words, in any order; layers need not be named.</param>
    /// <exception cref="ArgumentException">A word stands for no axis, or is given twice.</exception>
    public static PatchAxes Parse(params IEnumerable<string> words)
    {
        var axes = PatchAxes.Layer;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var word in words)
        {
            var found = Known.Where(one => one.Word == word).Select(one => (PatchAxes?)one.Axis).FirstOrDefault();
            axes |= found ?? throw new ArgumentException(
                $"{OneLine.Quote(word)} is no axis, expected {string.Join(", ", Known.Select(one => one.Word))}.");
            if (!seen.Add(word))
                throw new ArgumentException($"The axis {word} is given twice, expected once.");
        }

        return axes;
    }
}
