namespace RatIlgpu.Ilgpu;

/// <summary>The sizes of products of matrices and where their numbers lie; a kernel's parameter.</summary>
struct ProductSizes
{
    public int Rows;
    public int Columns;
    public int Inner;

    /// <summary>How many products read the same matrix of columns: heads that share a key head.</summary>
    public int Group;

    /// <summary>The factor of every sum.</summary>
    public float Factor;

    /// <summary>Not 0 to add to what is there; a kernel's parameter may hold no bool.</summary>
    public int Accumulate;

    /// <summary>From one product to the next in x.</summary>
    public long XBatch;

    /// <summary>From one row to the next in x.</summary>
    public long XRow;

    /// <summary>From one matrix of columns to the next.</summary>
    public long YBatch;

    /// <summary>From one column to the next.</summary>
    public long YColumn;

    /// <summary>From one number of a column to the next.</summary>
    public long YInner;

    /// <summary>From one product to the next in the result.</summary>
    public long ResultBatch;

    /// <summary>From one row to the next in the result.</summary>
    public long ResultRow;
}
