namespace RatIlgpu.Html;

/// <summary>Keeps the largest code of each block of cells of a pattern.</summary>
/// <param name="shape">The cells of the pattern.</param>
/// <param name="tier">The side of the map.</param>
sealed class PatternMap(PatternShape shape, PatternTier tier)
{
    readonly PatternShape blocks = new(tier.SideFor(shape), shape.IsCausal);
    readonly ushort[] codes = new ushort[new PatternShape(tier.SideFor(shape), shape.IsCausal).CellCount];

    /// <summary>Gets the cells of the map.</summary>
    public PatternShape Blocks => blocks;

    /// <summary>Gets the largest code of each block.</summary>
    public ushort[] Codes => codes;

    /// <summary>Adds the codes of a query, in the order of its keys.</summary>
    public void Add(int query, ReadOnlySpan<ushort> row)
    {
        var side = blocks.Tokens;
        var start = blocks.StartOf(PooledPattern.BlockOf(query, side, shape.Tokens));
        for (var (block, first) = (0, 0); first < row.Length; block++)
        {
            // The first key of the next block.
            var end = (int)(((((long)block + 1) * shape.Tokens) + side - 1) / side);
            ref var most = ref codes[start + block];
            foreach (var code in row[first..Math.Min(end, row.Length)])
                most = Math.Max(most, code);
            first = end;
        }
    }

    /// <summary>Returns the square roots of the codes, in 256 steps.</summary>
    public byte[] ToRoots()
    {
        var roots = new byte[codes.Length];
        for (var i = 0; i < roots.Length; i++)
            roots[i] = PatternCode.RootOf(codes[i]);
        return roots;
    }
}
