namespace RatIlgpu.Devices;

/// <summary>Cuts the rows of every head into blocks.</summary>
readonly struct HeadBlocks(Heads heads)
{
    /// <summary>Rows that share what they read of keys and values: four full tiles.</summary>
    public const int Rows = 20;

    readonly int blocks = (heads.Rows + Rows - 1) / Rows;

    public long Count => (long)heads.Count * blocks;

    /// <summary>The head, first row and number of rows of a block.</summary>
    public (int Head, int First, int Rows) At(long item)
    {
        var first = (int)(item % blocks) * Rows;
        return ((int)(item / blocks), first, Math.Min(Rows, heads.Rows - first));
    }
}
