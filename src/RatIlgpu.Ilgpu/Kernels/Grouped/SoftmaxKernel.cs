namespace RatIlgpu.Ilgpu;

static class SoftmaxKernel
{
    /// <summary>One group per row, of one query of one head: scores become probabilities over the keys that the query
    /// sees.
    /// </summary>
    public static void Run<TReduction>(
        ArrayView<float> scores, ArrayView<float> keyMask, AttentionSizes sizes, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var room = SharedMemory.Allocate<float>(Limits.GroupSize);
        var row = (long)Grid.IdxX * sizes.Keys;
        var query = Grid.IdxX % sizes.Queries;
        var largest = Limits.Lowest;
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
            if (sizes.Sees(keyMask, query, k))
                largest = IntrinsicMath.Max(largest, scores[row + k]);
        largest = default(TReduction).Max(largest, room);

        // A thread reads only what it wrote itself, in place too.
        var sum = 0f;
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
        {
            var weight = sizes.Sees(keyMask, query, k) ? Maths.Exp(scores[row + k] - largest) : 0f;
            result[row + k] = weight;
            sum += weight;
        }

        sum = default(TReduction).Sum(sum, room);
        for (var k = Group.IdxX; k < sizes.Keys; k += Group.DimX)
            result[row + k] = sum == 0f ? 1f / sizes.Keys : result[row + k] / sum;
    }
}
