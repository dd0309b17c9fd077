namespace RatIlgpu.Html;

/// <summary>The patterns of a page. While they take more room than allowed, all are written with less detail.</summary>
/// <param name="mostBytes">The largest number of bytes.</param>
sealed class PatternBlocks(long mostBytes)
{
    // A page that is so many times too large is refused before all of it is in memory.
    const int MostTimes = 4;

    readonly List<PatternBlock> blocks = [];
    int settled;
    long bytes;

    /// <summary>Gets the level of detail; 0 is the most.</summary>
    public int Level { get; private set; }

    /// <summary>Adds a pattern, which others follow while it is packed.</summary>
    /// <exception cref="ArgumentException">The patterns take several times as much room as allowed at every
    /// level.</exception>
    public void Add(PatternBlock block)
    {
        blocks.Add(block);
        Settle(blocks.Count - Environment.ProcessorCount, 0);
    }

    /// <summary>Waits until all are packed.</summary>
    /// <param name="otherBytes">The number of bytes of what is in the page besides.</param>
    /// <exception cref="ArgumentException">The patterns take more room than allowed at every level.</exception>
    public void Complete(long otherBytes)
    {
        Settle(blocks.Count, otherBytes);
        if (bytes + otherBytes > mostBytes)
            throw TooLarge(bytes + otherBytes, $"its {blocks.Count}", ToldSize.Whole);
    }

    public IEnumerable<DataBlock> ToData() => blocks.Select(block => block.ToData());

    void Settle(int count, long otherBytes)
    {
        while (settled < count)
        {
            blocks[settled].LowerTo(Level);
            bytes += blocks[settled++].Length;
            Fit(otherBytes);
        }

        Fit(otherBytes);
    }

    void Fit(long otherBytes)
    {
        while (bytes + otherBytes > mostBytes && Level + 1 < PatternTier.LevelCount)
        {
            Level++;
            Parallel.For(0, settled, i => blocks[i].LowerTo(Level));
            bytes = blocks.Take(settled).Sum(block => block.Length);
        }

        if (settled < blocks.Count && bytes / MostTimes > mostBytes)
            throw TooLarge(bytes, $"the first {settled}", ToldSize.AtLeast);
    }

    ArgumentException TooLarge(long found, string patterns, ToldSize told) => PageLimit.TooLarge(
        found, mostBytes,
        ($"{patterns} patterns with the least detail", "Choose fewer layers, heads or prompts, or shorter prompts"),
        told);
}
