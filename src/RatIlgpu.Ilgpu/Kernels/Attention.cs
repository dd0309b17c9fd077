namespace RatIlgpu.Ilgpu;

static class SoftmaxKernel
{
    /// <summary>One group per query and head: turns its scores into probabilities over the keys that the query
    /// sees.</summary>
    public static void Run<TReduction>(
        ArrayView<float> scores, ArrayView<float> keyMask, AttentionSizes sizes, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var row = (long)Grid.IdxX * sizes.Keys;
        var query = Grid.IdxX % sizes.Queries;
        var largest = Limits.Lowest;
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
            if (sizes.Sees(keyMask, query, k))
                largest = IntrinsicMath.Max(largest, scores[row + k]);
        largest = default(TReduction).Max(largest, scratch);

        // Each thread reads only numbers that it wrote itself, so that result may be scores.
        var sum = 0f;
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
        {
            var weight = sizes.Sees(keyMask, query, k) ? Maths.Exp(scores[row + k] - largest) : 0f;
            result[row + k] = weight;
            sum += weight;
        }

        sum = default(TReduction).Sum(sum, scratch);
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
            result[row + k] = sum == 0f ? 1f / sizes.Keys : result[row + k] / sum;
    }
}

static class AttendKernel
{
    /// <summary>One group per query and head: scores, softmax and mix, one block of keys after the other.</summary>
    public static void Run<TReduction>(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> keyMask,
        AttentionSizes sizes, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var weights = SharedMemory.Allocate<float>(Limits.BlockKeys);
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var (q, head) = (Grid.IdxX / sizes.Heads, Grid.IdxX % sizes.Heads);
        var mixed = sizes.QueryAt(q, head);
        for (var m = Group.IdxX; m < sizes.HeadSize; m += Group.DimX)
            result[mixed + m] = 0;
        var (largest, sum) = (Limits.Lowest, 0f);
        for (var start = sizes.FirstKey(q); start < sizes.EndKey(q); start += Limits.BlockKeys)
        {
            var count = IntrinsicMath.Min(Limits.BlockKeys, sizes.EndKey(q) - start);
            var before = largest;
            for (var k = Group.IdxX; k < count; k += Group.DimX)
            {
                weights[k] = sizes.Score(query, key, keyMask, q, head, start + k);
                largest = IntrinsicMath.Max(largest, weights[k]);
            }

            largest = default(TReduction).Max(largest, scratch);
            var part = 0f;
            for (var k = Group.IdxX; k < count; k += Group.DimX)
            {
                weights[k] = Maths.Exp(weights[k] - largest);
                part += weights[k];
            }

            // A larger maximum rescales the sums so far.
            var kept = Maths.Exp(before - largest);
            sum = sum * kept + default(TReduction).Sum(part, scratch);
            for (var m = Group.IdxX; m < sizes.HeadSize; m += Group.DimX)
                result[mixed + m] = Mix(weights, value, sizes, head, start, count, m) + result[mixed + m] * kept;
            Barrier.Wait();
        }

        for (var m = Group.IdxX; m < sizes.HeadSize; m += Group.DimX)
            result[mixed + m] = sum == 0f ? Average(value, sizes, head, m) : result[mixed + m] / sum;
    }

    static float Mix(
        ArrayView<float> weights, ArrayView<float> value, AttentionSizes sizes, int head, int start, int count, int m)
    {
        var mixed = 0f;
        for (var k = 0; k < count; k++)
            mixed = Fused.MultiplyAdd(weights[k], value[sizes.KeyAt(start + k, head) + m], mixed);
        return mixed;
    }

    /// <summary>One number of the result of a query that sees no key.</summary>
    public static float Average(ArrayView<float> value, AttentionSizes sizes, int head, int m)
    {
        var sum = 0f;
        for (var k = 0; k < sizes.Keys; k++)
            sum += value[sizes.KeyAt(k, head) + m];
        return sum / sizes.Keys;
    }
}

static class StatisticsKernel
{
    /// <summary>One group per row and chosen head: the largest score of the row, and beside it the sum of
    /// <c>exp(score − largest)</c>.</summary>
    public static void Run<TReduction>(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        AttentionChoice chosen, ArrayView<float> statistics)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var heads = chosen.Heads.IntLength;
        var (q, head) = (chosen.Queries[Grid.IdxX / heads], chosen.Heads[Grid.IdxX % heads]);
        var (first, end) = (sizes.FirstKey(q) + Group.IdxX, sizes.EndKey(q));
        var (own, sum) = (Limits.Lowest, 0f);
        for (var k = first; k < end; k += Group.DimX)
        {
            var score = sizes.Score(query, key, keyMask, q, head, k);
            var larger = IntrinsicMath.Max(own, score);
            sum = sum * Maths.Exp(own - larger) + Maths.Exp(score - larger);
            own = larger;
        }

        var largest = default(TReduction).Max(own, scratch);
        sum = default(TReduction).Sum(sum * Maths.Exp(own - largest), scratch);
        if (Group.IdxX == 0)
        {
            statistics[(long)Grid.IdxX * 2] = largest;
            statistics[(long)Grid.IdxX * 2 + 1] = sum;
        }
    }
}

static class AggregateKernel
{
    /// <summary>One thread per row and key or several: computes the probability in each chosen head from the
    /// <see cref="StatisticsKernel">statistics</see> of its row, and reduces the heads to one number.</summary>
    /// <param name="query"><c>[queries, heads, headSize]</c>.</param>
    /// <param name="key"><c>[keys, keyHeads, headSize]</c>.</param>
    /// <param name="keyMask"><c>[keys]</c>, or empty.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="chosen">The heads and the queries.</param>
    /// <param name="statistics"><c>[rows, chosen heads, 2]</c>.</param>
    /// <param name="largest">Not 0 for the maximum over the heads, 0 for the mean.</param>
    /// <param name="result"><c>[rows, keys]</c>.</param>
    public static void Run(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        AttentionChoice chosen, ArrayView<float> statistics, int largest, ArrayView<float> result)
    {
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
        {
            var (row, k) = ((int)(i / sizes.Keys), (int)(i % sizes.Keys));
            var (q, heads) = (chosen.Queries[row], chosen.Heads.IntLength);
            var reduced = 0f;
            for (var j = 0; j < heads; j++)
            {
                var at = ((long)row * heads + j) * 2;
                var probability = Probability(
                    query, key, keyMask, sizes, q, chosen.Heads[j], k, statistics[at], statistics[at + 1]);
                reduced = largest != 0
                    ? IntrinsicMath.Max(reduced, probability)
                    : reduced + probability / heads;
            }

            result[i] = reduced;
        }
    }

    static float Probability(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes, int q, int head,
        int k, float largest, float sum)
    {
        if (sum == 0f)
            return 1f / sizes.Keys;
        if (!sizes.Sees(keyMask, q, k))
            return 0;
        return Maths.Exp(sizes.Score(query, key, keyMask, q, head, k) - largest) / sum;
    }
}
