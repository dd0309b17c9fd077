namespace RatIlgpu.Devices;

/// <summary>Finds the largest numbers of pieces of rows for <see cref="Device.Top"/>; a mask without data is none, and
/// the places found in a piece stand in <paramref name="found"/>.</summary>
readonly unsafe struct TopWork(Simd simd, Matrix rows, float* mask, nint width, int count, int[][] found) : IRangeWork
{
    /// <summary>The numbers of a piece: more than the start of another thread costs.</summary>
    public const int PieceWidth = 1 << 14;

    // One test tells that none of these is among the largest.
    const int BlockWidth = 256;

    public long Count => found.Length;

    public long StepsPerPiece => Math.Min(PieceWidth, width);

    /// <summary>Returns the number of pieces of a row.</summary>
    public static int PiecesOf(int width) => (width - 1) / PieceWidth + 1;

    public void Do(long start, long end)
    {
        var pieces = PiecesOf((int)width);
        for (var piece = (int)start; piece < end; piece++)
            found[piece] = Largest(rows.Row(piece / pieces), piece % pieces * PieceWidth);
    }

    int[] Largest(float* row, int first)
    {
        var best = new TopK<int>(count);
        var end = (int)Math.Min(first + (long)PieceWidth, width);
        for (int block = first, next; block < end; block = next)
        {
            next = block + Math.Min(BlockWidth, end - block);
            var largest = simd.LargestBesidesNaN(row + block, next - block);
            if (best.Takes(largest) || float.IsNaN(largest))
                Offer(best, row, block, next);
        }

        return best.Take();
    }

    void Offer(TopK<int> best, float* row, int start, int end)
    {
        for (var i = start; i < end; i++)
            if (best.Takes(row[i]) && !float.IsNaN(row[i]) && (mask == null || mask[i] != 0))
                best.Add(i, row[i]);
    }
}

/// <summary>Computes the sums for <see cref="Device.Top"/>; a piece is a row.</summary>
readonly unsafe struct LogSumWork(Matrix rows, nint height, nint width, double* logSums) : IRangeWork
{
    public long Count => height;

    // An exponential in double takes about as long as 80 additions.
    public long StepsPerPiece => width * 80;

    public void Do(long start, long end)
    {
        for (var row = (nint)start; row < end; row++)
            logSums[row] = HostDevice.LogSumExp(new(rows.Row(row), (int)width));
    }
}
