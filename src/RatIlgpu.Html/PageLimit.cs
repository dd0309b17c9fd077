namespace RatIlgpu.Html;

/// <summary>The largest page: a browser opens a larger one slowly, and mail refuses it.</summary>
static class PageLimit
{
    /// <summary>The largest number of bytes of the data of a page, unless its maker allows more.</summary>
    public const int MostBytes = 25_000_000;

    /// <summary>Collects the blocks of a page. A page that is too large is refused as soon as that is known; nothing is
    /// left out of it.</summary>
    /// <param name="blocks">The blocks, which are made one after the other.</param>
    /// <param name="most">The largest number of bytes.</param>
    /// <param name="what">Describes the blocks that were made, and what makes the page smaller.</param>
    /// <param name="size">How much of the size is told of a page that is too large.</param>
    /// <exception cref="ArgumentException">The blocks are larger than allowed.</exception>
    public static ImmutableArray<DataBlock> Collect(
        IEnumerable<DataBlock> blocks,
        long most,
        Func<IReadOnlyList<DataBlock>, (string What, string Cure)> what,
        ToldSize size = ToldSize.UpToNow)
    {
        var collected = ImmutableArray.CreateBuilder<DataBlock>();
        var bytes = 0L;
        foreach (var block in blocks)
        {
            collected.Add(block);
            bytes += Encoding.UTF8.GetByteCount(block.Content);
            if (bytes > most && size == ToldSize.UpToNow)
                throw TooLarge(bytes, most, what(collected));
        }

        return bytes > most
            ? throw TooLarge(bytes, most, what(collected), size, nameof(PageOptions.MaxBytes))
            : collected.ToImmutable();
    }

    /// <summary>Returns the error that a page is too large.</summary>
    public static ArgumentException TooLarge(
        long bytes,
        long most,
        (string What, string Cure) of,
        ToldSize told = ToldSize.UpToNow,
        string? option = null)
    {
        // Sizes that would read alike, or as nothing, are told to the byte.
        var isClose = most < 100_000 || bytes - most < 100_000;
        var least = told == ToldSize.AtLeast ? "at least " : "";
        return new(
            $"The page takes {least}{Size(bytes)} for {of.What}, and may take {Size(most)} in all. {of.Cure}", option);

        string Size(long size) => isClose
            ? string.Create(CultureInfo.InvariantCulture, $"{size:N0} bytes")
            : string.Create(CultureInfo.InvariantCulture, $"{size / 1e6:F1} MB");
    }
}

/// <summary>How much of the size is told of a page that is too large.</summary>
enum ToldSize
{
    /// <summary>That of the blocks that were made before it was known.</summary>
    UpToNow,

    /// <summary>That of all blocks.</summary>
    All,

    /// <summary>That of all blocks, which will be larger.</summary>
    AtLeast,
}
