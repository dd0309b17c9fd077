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
        // Each thread reads only numbers that no other thread writes, so that result may be scores.
        var largest = Limits.Lowest;
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
        {
            var score = sizes.Sees(keyMask, query, k) ? scores[row + k] : float.NegativeInfinity;
            result[row + k] = score;
            largest = IntrinsicMath.Max(largest, score);
        }

        Finish<TReduction>(result, row, sizes.Keys, largest, scratch);
    }

    /// <summary>Turns a row of scores, −∞ for each key that the query does not see, into probabilities; uniform if it
    /// sees no key.</summary>
    /// <param name="row">The rows.</param>
    /// <param name="first">The score of the first key; a thread reads and writes only scores that it wrote.</param>
    /// <param name="keys">The number of keys.</param>
    /// <param name="largest">The largest score of this thread.</param>
    /// <param name="scratch">Shared memory of at least <see cref="Limits.GroupSize"/> numbers.</param>
    public static void Finish<TReduction>(
        ArrayView<float> row, long first, int keys, float largest, ArrayView<float> scratch)
        where TReduction : struct, IReduction
    {
        largest = default(TReduction).Max(largest, scratch);
        var sum = 0f;
        for (var k = Group.IdxX; k < keys; k += Group.DimX)
        {
            var weight = Maths.Exp(row[first + k] - largest);
            row[first + k] = weight;
            sum += weight;
        }

        sum = default(TReduction).Sum(sum, scratch);
        for (var k = Group.IdxX; k < keys; k += Group.DimX)
            row[first + k] = sum == 0f ? 1f / keys : row[first + k] / sum;
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
