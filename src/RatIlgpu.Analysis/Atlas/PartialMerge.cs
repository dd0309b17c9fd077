namespace RatIlgpu.Analysis;

/// <summary>Adds up parts of an atlas.</summary>
static class PartialMerge
{
    // More numbers of missing shards say no more.
    const int MostNamed = 20;

    /// <summary>Adds up the parts of all shards, one by one.</summary>
    /// <param name="parts">The name and the part of each file.</param>
    /// <param name="allowsMixture">Whether parts of different devices and versions are taken.</param>
    /// <exception cref="InvalidDataException">A part does not fit the first, or one is missing.</exception>
    public static PartialAtlas Of(IEnumerable<(string Name, PartialAtlas Part)> parts, bool allowsMixture)
    {
        var (first, whole) = ("", default(PartialAtlas));
        var names = new SortedDictionary<int, string>();
        var (devices, versions) = (new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(
            StringComparer.Ordinal));
        var count = 0;
        foreach (var (name, part) in parts)
        {
            if (whole is null)
            {
                (first, count) = (name, part.Shard.Count);
                whole = new(part.Source, AtlasShard.Whole, new(part.Source.Sizes)) { IsComplete = true };
            }

            Check(name, part, first, whole, count, allowsMixture);
            if (!names.TryAdd(part.Shard.Index, name))
                throw new InvalidDataException(
                    $"{name}: has shard {part.Shard}, which {names[part.Shard.Index]} has too; give each shard once.");
            Add(name, part, whole);
            devices.Add(part.Source.Device);
            versions.Add(part.Source.Version);
        }

        if (whole is null)
            throw new InvalidDataException("There is no part to merge, expected one file at least.");
        CheckAll(names, count);
        var source = whole.Source with
        {
            Device = string.Join(" and ", devices),
            Version = string.Join(" and ", versions),
        };
        return new(source, AtlasShard.Whole, whole.Sums) { IsComplete = true, Warnings = whole.Warnings };
    }

    static void Check(
        string name, PartialAtlas part, string first, PartialAtlas whole, int count, bool allowsMixture)
    {
        if (whole.Source.DifferenceTo(part.Source, allowsMixture) is { } difference)
            throw new InvalidDataException(
                $"{name}: {difference.What} is {OneLine.Shorten(difference.Found)}, expected "
                + $"{OneLine.Shorten(difference.Expected)} as in {first}; "
                + (difference.IsMixture
                    ? "its sums have another rounding: run it again as the others, or allow this with --allow-mixture."
                    : "merge parts of one atlas alone."));
        if (part.Shard.Count != count)
            throw new InvalidDataException(FormattableString.Invariant(
                $"{name}: has shard {part.Shard}, expected one of {count} as in {first}; ")
                + "merge the shards of one split alone.");
        if (!part.IsComplete)
            throw new InvalidDataException(FormattableString.Invariant(
                $"{name}: shard {part.Shard} is unfinished, {part.Units.Values.Sum()} sequences are done; ")
                + "run its command again, which goes on where it was stopped.");
    }

    static void Add(string name, PartialAtlas part, PartialAtlas whole)
    {
        try
        {
            whole.Sums.Add(part.Sums);
        }
        catch (Exception fault) when (fault is ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"{name}: does not add up with the others: {fault.Message}", fault);
        }

        whole.Warnings = [.. whole.Warnings.Union(part.Warnings)];
    }

    static void CheckAll(SortedDictionary<int, string> names, int count)
    {
        var missing = count - names.Count;
        if (missing == 0)
            return;
        var shown = Enumerable.Range(0, count).Where(index => !names.ContainsKey(index)).Take(MostNamed)
            .Select(index => new AtlasShard(index, count).ToString()).ToList();
        var rest = missing - shown.Count;
        var list = rest > 0 ? FormattableString.Invariant($"{string.Join(", ", shown)} and {rest} more")
            : shown.Count == 1 ? shown[0]
            : $"{string.Join(", ", shown.SkipLast(1))} and {shown[^1]}";
        throw new InvalidDataException(
            $"shard{(missing == 1 ? "" : "s")} {list} {(missing == 1 ? "is" : "are")} missing; give the files of all "
            + "shards.");
    }
}
