namespace RatIlgpu.Html;

/// <summary>An axis of patches.</summary>
/// <param name="Name">The name: <c>layer</c>, <c>position</c>, <c>head</c>, <c>key</c>, <c>source</c>,
/// <c>source layer</c> or <c>source head</c>.</param>
/// <param name="Title">The title beside a matrix.</param>
/// <param name="Length">The number of places.</param>
/// <param name="Labels">The label of each place; empty for positions, whose labels are tokens.</param>
sealed record SheetAxis(string Name, string Title, int Length, ImmutableArray<string> Labels)
{
    /// <summary>Returns an axis of a grid.</summary>
    /// <param name="name">The name.</param>
    /// <param name="length">The number of places.</param>
    /// <param name="groups">Whether heads are key/value heads.</param>
    public static SheetAxis Of(string name, int length, bool groups) => name switch
    {
        "layer" => new(name, "Layer", length, Numbered("L", length)),
        "head" => new(name, groups ? "Key/value head" : "Head", length, Numbered("H", length)),
        "position" => new(name, "Position", length, []),
        _ => new(name, "Key", length, []),
    };

    /// <summary>Returns the axes of the sources of paths.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="layers">The number of layers of the model.</param>
    public static ImmutableArray<SheetAxis> OfSources(ImmutableArray<HeadIndex> sources, int layers)
    {
        var heads = sources.Length / layers;
        var areAll = heads > 0 && sources.Length == layers * heads && sources.Index().All(entry =>
            entry.Item.Layer == entry.Index / heads && entry.Item.Head == entry.Index % heads);
        return areAll && layers > 1
            ?
            [
                new("source layer", "Source layer", layers, Numbered("L", layers)),
                new("source head", "Source head", heads, Numbered("H", heads)),
            ]
            : [new("source", "Source", sources.Length, [.. sources.Select(source => source.ToString())])];
    }

    static ImmutableArray<string> Numbered(string letter, int length) =>
    [
        .. Enumerable.Range(0, length)
            .Select(place => string.Create(CultureInfo.InvariantCulture, $"{letter}{place}")),
    ];
}
