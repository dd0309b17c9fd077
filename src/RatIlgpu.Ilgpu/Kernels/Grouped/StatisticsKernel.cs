namespace RatIlgpu.Ilgpu;

static class StatisticsKernel
{
    /// <summary>One group per query and chosen head: the largest score of the row and the sum of its exponentials below
    /// that, side by side.</summary>
    public static void Run<TReduction>(
        ArrayView<float> query, ArrayView<float> key, ArrayView<float> keyMask, AttentionSizes sizes,
        ArrayView<int> heads, ArrayView<float> statistics)
        where TReduction : struct, IReduction
    {
        var room = SharedMemory.Allocate<float>(Limits.GroupSize);
        var (q, head) = (Grid.IdxX / heads.IntLength, heads[Grid.IdxX % heads.IntLength]);
        var (first, end) = (sizes.FirstKey(q) + Group.IdxX, sizes.EndKey(q));
        var (own, sum) = (Limits.Lowest, 0f);
        for (var k = first; k < end; k += Group.DimX)
        {
            var score = sizes.Score(query, key, keyMask, q, head, k);
            var larger = IntrinsicMath.Max(own, score);
            sum = sum * Maths.Exp(own - larger) + Maths.Exp(score - larger);
            own = larger;
        }

        var largest = default(TReduction).Max(own, room);
        sum = default(TReduction).Sum(sum * Maths.Exp(own - largest), room);
        if (Group.IdxX == 0)
        {
            statistics[(long)Grid.IdxX * 2] = largest;
            statistics[(long)Grid.IdxX * 2 + 1] = sum;
        }
    }
}
