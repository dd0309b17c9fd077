namespace RatIlgpu.Ilgpu;

/// <summary>The sizes of a search for the largest numbers of rows; a parameter of kernels.</summary>
struct TopSizes
{
    // Eight numbers for each of 128 threads; the rows of a large vocabulary give every multiprocessor a group.
    const int LeastPiece = 1024;

    /// <summary>The place of no number, after every place.</summary>
    /// <remarks>Not −1: ILGPU writes negative constants into OpenCL source as large positive ones, and compilers warn
    /// of them on the terminal.</remarks>
    public const int Nowhere = int.MaxValue;

    public int Width;

    /// <summary>The pieces of a row, each searched by one group.</summary>
    public int Pieces;

    public int PieceWidth;

    /// <summary>The numbers found in a piece.</summary>
    public int Count;

    /// <summary>Makes the sizes for rows in pieces that are large beside what is found in them.</summary>
    public static TopSizes Of(int width, int count)
    {
        var piece = (int)Math.Max(LeastPiece, Math.Min(int.MaxValue, 8L * count));
        return new() { Width = width, Pieces = (width - 1) / piece + 1, PieceWidth = piece, Count = count };
    }

    /// <summary>Makes the sizes for what was found in the pieces of each row, all of it in one piece.</summary>
    public readonly TopSizes OfFound()
    {
        var width = checked(Pieces * Count);
        return new() { Width = width, Pieces = 1, PieceWidth = width, Count = Count };
    }

    /// <summary>The first number of a row that a group searches.</summary>
    public readonly int First(int group) => group % Pieces * PieceWidth;

    /// <summary>The number after the last that a group searches.</summary>
    public readonly int End(int group) => First(group) + IntrinsicMath.Min(PieceWidth, Width - First(group));

    /// <summary>The place of the row of a group.</summary>
    public readonly long Row(int group) => (long)(group / Pieces) * Width;
}

static class TopKernel
{
    /// <summary>One group per piece of a row: finds the largest numbers of the piece, largest first, and of equal ones
    /// the first one first. Each round finds the number that follows the one of the round before.</summary>
    /// <param name="numbers">The rows; NaN is never found.</param>
    /// <param name="indices">The index of each number in its row; empty if that is its place.</param>
    /// <param name="mask">0 for each place that is never found; empty if any may be.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="foundNumbers">What was found in each piece; NaN where a piece has no further number.</param>
    /// <param name="foundIndices">The index of each; nowhere if a piece has no further number.</param>
    public static void Run<TReduction>(
        ArrayView<float> numbers, ArrayView<int> indices, ArrayView<float> mask, TopSizes sizes,
        ArrayView<float> foundNumbers, ArrayView<int> foundIndices)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var (row, found) = (sizes.Row(Grid.IdxX), (long)Grid.IdxX * sizes.Count);
        var (last, place) = (float.PositiveInfinity, 0);
        for (var rank = 0; rank < sizes.Count; rank++)
        {
            var (own, ownPlace) = (float.NegativeInfinity, TopSizes.Nowhere);
            for (var j = sizes.First(Grid.IdxX) + Group.IdxX; j < sizes.End(Grid.IdxX); j += Group.DimX)
            {
                var x = numbers[row + j];
                var follows = x < last || (x == last && (j > place || rank == 0));
                if (follows && (x > own || ownPlace == TopSizes.Nowhere) && (mask.Length == 0 || mask[j] != 0f))
                    (own, ownPlace) = (x, j);
            }

            last = default(TReduction).Max(own, scratch);
            place = Order.PlaceOf(default(TReduction).Max(own == last ? Order.Of(ownPlace) : 0f, scratch));
            if (Group.IdxX == 0)
            {
                var isThere = place != TopSizes.Nowhere;
                foundNumbers[found + rank] = isThere ? numbers[row + place] : float.NaN;
                foundIndices[found + rank] = isThere && indices.Length != 0 ? indices[row + place] : place;
            }
        }
    }

    /// <summary>Turns places into floats whose maximum belongs to the first place: bits of positive floats are ordered
    /// as the floats.</summary>
    static class Order
    {
        // A finite float. No place of a row in memory comes near its bits, so that none becomes a subnormal, which some
        // devices take for 0.
        const int First = 0x7F000000;

        public static float Of(int place) => place == TopSizes.Nowhere ? 0f : Interop.IntAsFloat((uint)(First - place));

        public static int PlaceOf(float order) =>
            order == 0f ? TopSizes.Nowhere : First - (int)Interop.FloatAsInt(order);
    }
}

static class ExponentialSumsKernel
{
    /// <summary>One group per piece of a row: the largest number and <c>Σ exp(x − largest)</c>.</summary>
    public static void Run<TReduction>(
        ArrayView<float> numbers, TopSizes sizes, ArrayView<float> largest, ArrayView<float> sums)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var row = sizes.Row(Grid.IdxX);
        var (first, end) = (sizes.First(Grid.IdxX) + Group.IdxX, sizes.End(Grid.IdxX));
        var own = Limits.Lowest;
        for (var j = first; j < end; j += Group.DimX)
            if (numbers[row + j] > own)
                own = numbers[row + j];
        var shift = default(TReduction).Max(own, scratch);
        var sum = 0f;
        for (var j = first; j < end; j += Group.DimX)
            sum += Maths.Exp(numbers[row + j] - shift);
        sum = default(TReduction).Sum(sum, scratch);
        if (Group.IdxX == 0)
            (largest[Grid.IdxX], sums[Grid.IdxX]) = (shift, sum);
    }
}
