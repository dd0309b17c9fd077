namespace RatIlgpu.Ilgpu;

static class ProcessorAttendKernel
{
    /// <summary>The queries whose keys and values a thread reads together.</summary>
    public const int Queries = 4;

    /// <summary>One thread per four queries of a head, for processors: scores, softmax and mix, one block of keys after
    /// the other.</summary>
    public static void Run(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> keyMask,
        AttentionSizes sizes, ArrayView<float> result)
    {
        var weights = LocalMemory.Allocate<float>(Queries * Limits.ProcessorKeys);
        var (q, head) = (Grid.IdxX / sizes.Heads * Queries, Grid.IdxX % sizes.Heads);
        var rows = IntrinsicMath.Min(Queries, sizes.Queries - q);
        for (var i = 0; i < rows; i++)
            for (var m = 0; m < sizes.HeadSize; m++)
                result[sizes.QueryAt(q + i, head) + m] = 0f;
        var largest = Float4.Of(Limits.Lowest);
        Float4 sums = default;
        for (var start = sizes.FirstKey(q); start < sizes.EndKey(q + rows - 1); start += Limits.ProcessorKeys)
        {
            var count = IntrinsicMath.Min(Limits.ProcessorKeys, sizes.EndKey(q + rows - 1) - start);
            Score(weights, query, key, sizes, q, head, rows, start, count);
            (largest.X, sums.X) = Weigh(weights, keyMask, sizes, q, head, 0, start, count, largest.X, sums.X, result);
            if (rows > 1)
                (largest.Y, sums.Y) = Weigh(
                    weights, keyMask, sizes, q, head, 1, start, count, largest.Y, sums.Y, result);
            if (rows > 2)
                (largest.Z, sums.Z) = Weigh(
                    weights, keyMask, sizes, q, head, 2, start, count, largest.Z, sums.Z, result);
            if (rows > 3)
                (largest.W, sums.W) = Weigh(
                    weights, keyMask, sizes, q, head, 3, start, count, largest.W, sums.W, result);
            for (var m = 0; m < sizes.HeadSize; m += MixTile.Columns)
                MixTile.Add(
                    ref weights[0], ref value[sizes.KeyAt(start, head) + m], (long)sizes.KeyHeads * sizes.HeadSize,
                    count, ref result[sizes.QueryAt(q, head) + m], (long)sizes.Heads * sizes.HeadSize, rows,
                    IntrinsicMath.Min(MixTile.Columns, sizes.HeadSize - m));
        }

        Divide(value, sizes, q, head, sums.X, result);
        if (rows > 1)
            Divide(value, sizes, q + 1, head, sums.Y, result);
        if (rows > 2)
            Divide(value, sizes, q + 2, head, sums.Z, result);
        if (rows > 3)
            Divide(value, sizes, q + 3, head, sums.W, result);
    }

    // The products of the queries with a block of keys.
    static void Score(
        ArrayView<float> weights, ArrayView<float> query, ArrayView<float> key, AttentionSizes sizes, int q, int head,
        int rows, int start, int count)
    {
        for (var k = 0; k < count; k += 4)
        {
            Tile16 scores = default;
            for (var m = 0; m < sizes.HeadSize; m += DotTile.Most)
                scores.Add(DotTile.OfF32(
                    ref query[sizes.QueryAt(q, head) + m], (long)sizes.Heads * sizes.HeadSize, rows,
                    ref key[sizes.KeyAt(start + k, head) + m], (long)sizes.KeyHeads * sizes.HeadSize, count - k,
                    IntrinsicMath.Min(DotTile.Most, sizes.HeadSize - m)));
            Put(weights, k, scores.A);
            Put(weights, Limits.ProcessorKeys + k, scores.B);
            Put(weights, 2 * Limits.ProcessorKeys + k, scores.C);
            Put(weights, 3 * Limits.ProcessorKeys + k, scores.D);
        }
    }

    static void Put(ArrayView<float> weights, int place, Float4 scores)
    {
        weights[place] = scores.X;
        weights[place + 1] = scores.Y;
        weights[place + 2] = scores.Z;
        weights[place + 3] = scores.W;
    }

    // Turns the products of one query into weights. Returns the largest score so far, and the sum of weights.
    static (float Largest, float Sum) Weigh(
        ArrayView<float> weights, ArrayView<float> keyMask, AttentionSizes sizes, int firstQuery, int head, int row,
        int start, int count, float before, float sum, ArrayView<float> result)
    {
        var (q, first) = (firstQuery + row, row * Limits.ProcessorKeys);
        var largest = before;
        for (var k = 0; k < count; k++)
        {
            var score = sizes.Sees(keyMask, q, start + k)
                ? weights[first + k] * sizes.Scale
                : float.NegativeInfinity;
            weights[first + k] = score;
            largest = IntrinsicMath.Max(largest, score);
        }

        for (var k = 0; k < count; k++)
            weights[first + k] = Maths.Exp(weights[first + k] - largest);
        var part = 0f;
        for (var k = 0; k < count; k++)
            part += weights[first + k];
        if (largest == before)
            return (largest, sum + part);

        // A larger maximum rescales the sums so far.
        var kept = Maths.Exp(before - largest);
        for (var m = 0; m < sizes.HeadSize; m++)
            result[sizes.QueryAt(q, head) + m] *= kept;
        return (largest, sum * kept + part);
    }

    static void Divide(
        ArrayView<float> value, AttentionSizes sizes, int q, int head, float sum, ArrayView<float> result)
    {
        for (var m = 0; m < sizes.HeadSize; m++)
        {
            var place = sizes.QueryAt(q, head) + m;
            result[place] = sum == 0f ? AttendKernel.Average(value, sizes, head, m) : result[place] / sum;
        }
    }
}
