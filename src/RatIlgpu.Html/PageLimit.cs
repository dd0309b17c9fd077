using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>The most data of a page: a browser opens a larger page slowly, and mail refuses it.</summary>
static class PageLimit
{
    /// <summary>The largest number of bytes of the data of a page, unless its maker allows more.</summary>
    public const int MostBytes = 25_000_000;

    // In bytes. The data has the command that made them, which becomes longer where it allows more.
    const int MoreCommand = 200;

    /// <summary>Collects the blocks of a page. A page whose data are too large is refused; nothing is left
    /// out of it.</summary>
    /// <param name="blocks">The blocks, which are made one after the other.</param>
    /// <param name="most">The largest number of bytes.</param>
    /// <param name="of">Describes the blocks, and what makes the page smaller, without the end of the sentence.</param>
    /// <param name="told">What is told of the size of a page that is too large.</param>
    /// <exception cref="ArgumentException">The blocks are larger than allowed.</exception>
    public static ImmutableArray<DataBlock> Collect(
        IEnumerable<DataBlock> blocks, long most, (string What, string Cure) of, ToldSize told = ToldSize.Whole)
    {
        var collected = ImmutableArray.CreateBuilder<DataBlock>();
        var bytes = 0L;
        foreach (var block in blocks)
        {
            bytes += Encoding.UTF8.GetByteCount(block.Content);
            // Of a page that is refused the size is told, and nothing is kept.
            if (bytes <= most)
                collected.Add(block);
            else
                collected.Clear();
        }

        return bytes > most ? throw TooLarge(bytes, most, of, told) : collected.ToImmutable();
    }

    /// <summary>Returns the error that the data of a page are too large. Its parameter is
    /// <see cref="PageOptions.MaxBytes"/>, unless the size is fixed.</summary>
    public static ArgumentException TooLarge(
        long bytes, long most, (string What, string Cure) of, ToldSize told = ToldSize.Whole)
    {
        // Sizes that would read alike, or as nothing, are told to the byte.
        var isClose = most < 100_000 || bytes - most < 100_000;
        var least = told == ToldSize.AtLeast ? "at least " : "";
        var message = $"The data of the page take {least}{Size(bytes)} for {of.What}, and may take {Size(most)} in "
            + $"all. {of.Cure}";
        const string Option = nameof(PageOptions.MaxBytes);
        return told switch
        {
            ToldSize.Fixed => new($"{message}."),
            ToldSize.Whole => new($"{message}, or allow it with {Option} {Enough(bytes)}.", Option),
            _ => new($"{message}, or allow more with {Option}.", Option),
        };

        string Size(long size) => isClose
            ? ByteText.Of(size)
            : string.Create(CultureInfo.InvariantCulture, $"{size / 1e6:F1} MB");
    }

    // Two digits, as a reader would choose them; rounded up.
    static string Enough(long bytes)
    {
        var (room, step) = (bytes + MoreCommand, 1L);
        while (room / step >= 100)
            step *= 10;
        return ((room + step - 1) / step * step).ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>What is told of the size of the data of a page that are too large.</summary>
enum ToldSize
{
    /// <summary>The size of all blocks, and one that would do.</summary>
    Whole,

    /// <summary>The size of the blocks that were counted so far. The page would be larger.</summary>
    AtLeast,

    /// <summary>The size of all blocks of a page whose maker cannot allow more.</summary>
    Fixed,
}
