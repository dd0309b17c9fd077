namespace RatIlgpu.Html;

/// <summary>The largest page of traces: a browser opens a larger one slowly, and mail refuses it.</summary>
static class PageLimit
{
    /// <summary>The largest number of bytes of the data of a page.</summary>
    public const int MostBytes = 25_000_000;

    /// <summary>Collects the blocks of a page. A page that is too large is refused as soon as that is known; nothing is
    /// left out of it.</summary>
    /// <exception cref="ArgumentException">The blocks are larger than allowed.</exception>
    public static ImmutableArray<DataBlock> Collect(
        IEnumerable<DataBlock> blocks, TraceViews views, int most = MostBytes)
    {
        var collected = ImmutableArray.CreateBuilder<DataBlock>();
        var bytes = 0L;
        var shown = 0;
        foreach (var block in blocks)
        {
            collected.Add(block);
            bytes += Encoding.UTF8.GetByteCount(block.Content);
            shown += block.Id.StartsWith("view-", StringComparison.Ordinal) ? 1 : 0;
            if (bytes > most)
                throw TooLarge(bytes, shown, views, most);
        }

        return collected.ToImmutable();
    }

    static ArgumentException TooLarge(long bytes, int shown, TraceViews views, int most)
    {
        var (what, cure) = views.HasSeveral
            ? (string.Create(CultureInfo.InvariantCulture, $"the first {shown} of {views.Count} traces ({views})"),
                "Choose fewer prompts, positions, layers or heads, or write several pages.")
            : ("its trace", "Trace a shorter prompt.");
        return new(string.Create(
            CultureInfo.InvariantCulture,
            $"The page takes {bytes / 1e6:F1} MB for {what}, and may take {most / 1e6:F1} MB in all. {cure}"));
    }
}
