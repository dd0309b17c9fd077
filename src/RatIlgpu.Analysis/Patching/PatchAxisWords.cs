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
        string[] given = [.. words];
        foreach (var (place, word) in given.Index())
        {
            var found = Known.Where(one => one.Word == word).Select(one => (PatchAxes?)one.Axis).FirstOrDefault();
            axes |= found is { } axis && !given[..place].Contains(word)
                ? axis
                : throw new ArgumentException(
                    $"{OneLine.Quote(string.Join(',', given))}, expected some of {string.Join(", ", All.Items)}, each "
                    + "once.");
        }

        return axes;
    }
}
