namespace RatIlgpu.Ilgpu;

static class AttendKernel
{
    /// <summary>One group per query and head: scores, softmax and mix, block of keys by block of keys.</summary>
    public static void Run<TReduction>(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> value, ArrayView<float> keyMask,
        AttentionSizes sizes, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var weights = SharedMemory.Allocate<float>(Limits.BlockKeys);
        var room = SharedMemory.Allocate<float>(Limits.GroupSize);
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

            largest = default(TReduction).Max(largest, room);
            var part = 0f;
            for (var k = Group.IdxX; k < count; k += Group.DimX)
            {
                weights[k] = Maths.Exp(weights[k] - largest);
                part += weights[k];
            }

            // A larger score scales what is kept.
            var kept = Maths.Exp(before - largest);
            sum = sum * kept + default(TReduction).Sum(part, room);
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

    // What a query gets that sees no key.
    static float Average(ArrayView<float> value, AttentionSizes sizes, int head, int m)
    {
        var sum = 0f;
        for (var k = 0; k < sizes.Keys; k++)
            sum += value[sizes.KeyAt(k, head) + m];
        return sum / sizes.Keys;
    }
}
