namespace RatIlgpu.Ilgpu;

static class EntropyKernel
{
    /// <summary>One group per row: <c>−Σ p ln p</c> over the keys.</summary>
    public static void Run<TReduction>(ArrayView<float> pattern, int keys, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var row = (long)Grid.IdxX * keys;
        var sum = 0f;
        for (var k = Group.IdxX; k < keys; k += Group.DimX)
            sum += Of(pattern[row + k]);
        sum = default(TReduction).Sum(sum, scratch);
        if (Group.IdxX == 0)
            result[Grid.IdxX] = sum;
    }

    /// <summary><c>−p ln p</c>; 0 for 0, NaN for a negative number or NaN.</summary>
    public static float Of(float p) => p > 0f ? 0f - p * Maths.Log(p) : p == 0f ? 0f : float.NaN;
}
