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
