namespace RatIlgpu.Ilgpu;

static class TopOneThreadKernel
{
    /// <summary>One thread per share of the pieces of rows: finds what <see cref="TopKernel"/> finds, in one pass that
    /// puts each number behind those that are not smaller.</summary>
    public static void Run(
        ArrayView<float> numbers, ArrayView<int> indices, ArrayView<float> mask, TopSizes sizes,
        ArrayView<float> foundNumbers, ArrayView<int> foundIndices)
    {
        var pieces = foundNumbers.Length / sizes.Count;
        var end = Share.End(pieces);
        for (var piece = (int)Share.First(pieces); piece < end; piece++)
        {
            var (row, found) = (sizes.Row(piece), (long)piece * sizes.Count);
            var (kept, least) = (0, float.NegativeInfinity);
            for (var j = sizes.First(piece); j < sizes.End(piece); j++)
            {
                var x = numbers[row + j];
                // False for NaN.
                var isKept = x > least || (kept < sizes.Count && x >= float.NegativeInfinity);
                if (isKept && (mask.Length == 0 || mask[j] != 0f))
                {
                    kept = IntrinsicMath.Min(kept + 1, sizes.Count);
                    Insert(x, indices.Length == 0 ? j : indices[row + j], foundNumbers, foundIndices, found, kept - 1);
                    least = kept < sizes.Count ? float.NegativeInfinity : foundNumbers[found + kept - 1];
                }
            }

            for (var rank = kept; rank < sizes.Count; rank++)
                (foundNumbers[found + rank], foundIndices[found + rank]) = (float.NaN, TopSizes.Nowhere);
        }
    }

    // What stood at the last place is overwritten.
    static void Insert(
        float number, int index, ArrayView<float> foundNumbers, ArrayView<int> foundIndices, long first, int last)
    {
        var rank = last;
        while (rank > 0 && number > foundNumbers[first + rank - 1])
        {
            foundNumbers[first + rank] = foundNumbers[first + rank - 1];
            foundIndices[first + rank] = foundIndices[first + rank - 1];
            rank--;
        }

        foundNumbers[first + rank] = number;
        foundIndices[first + rank] = index;
    }
}

static class ExponentialSumsOneThreadKernel
{
    /// <summary>One thread per share of the pieces of rows: the largest number and
    /// <c>Σ exp(x − largest)</c>.</summary>
    public static void Run(
        ArrayView<float> numbers, TopSizes sizes, ArrayView<float> largest, ArrayView<float> sums)
    {
        var end = Share.End(sums.Length);
        for (var piece = (int)Share.First(sums.Length); piece < end; piece++)
        {
            var row = sizes.Row(piece);
            var shift = Limits.Lowest;
            for (var j = sizes.First(piece); j < sizes.End(piece); j++)
                if (numbers[row + j] > shift)
                    shift = numbers[row + j];
            var sum = 0f;
            for (var j = sizes.First(piece); j < sizes.End(piece); j++)
                sum += Maths.Exp(numbers[row + j] - shift);
            (largest[piece], sums[piece]) = (shift, sum);
        }
    }
}
