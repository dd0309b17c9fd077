namespace RatIlgpu.Devices;

/// <summary><see cref="Device.Mix"/>; an item is a block of queries of one head.</summary>
readonly unsafe struct MixWork(Simd simd, float* pattern, Heads values, Heads mixed) : IItemWork
{
    readonly HeadBlocks blocks = new(mixed);

    public long Count => blocks.Count;

    public long StepsPerItem => (long)HeadBlocks.Rows * mixed.Size * values.Rows / 4;

    public long FloatsOfScratch => 0;

    public void Do(long item, float* scratch)
    {
        var (head, first, rows) = blocks.At(item);
        var block = mixed.Of(head, first);
        for (var row = 0; row < rows; row++)
            new Span<float>(block.Row(row), mixed.Size).Clear();
        var patterns = Matrix.Packed(pattern, values.Rows).From((nint)head * mixed.Rows + first, 0);
        simd.Mix(
            patterns, values.Of(head / (mixed.Count / values.Count), 0), block,
            new Extent(rows, mixed.Size, EndOf(patterns, rows)));
    }

    // Behind the last key of any weight there is nothing to mix: under a causal mask that is half of all keys.
    int EndOf(Matrix patterns, int rows)
    {
        // As integers, which are searched many at a time; −0 counts as a weight, to no effect.
        var end = 0;
        for (var row = rows - 1; row >= 0; row--)
            end += new ReadOnlySpan<int>(patterns.Row(row) + end, values.Rows - end).LastIndexOfAnyExcept(0) + 1;
        return end;
    }
}
