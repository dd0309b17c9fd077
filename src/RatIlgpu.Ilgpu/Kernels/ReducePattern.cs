namespace RatIlgpu.Ilgpu;

static class ReducePatternKernel
{
    /// <summary>One thread per chosen row and key or several: reduces the pattern of the chosen heads to one number, in
    /// the order of the heads.</summary>
    public static void Run(
        ArrayView<float> pattern, AttentionSizes sizes, AttentionChoice chosen, ArrayView<float> result)
    {
        var heads = chosen.Heads.IntLength;
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
        {
            var (q, k) = (chosen.Queries[(int)(i / sizes.Keys)], (int)(i % sizes.Keys));
            var factor = chosen.IsMaximum != 0 ? 1f : 1f / heads;
            var reduced = Weighted(pattern, sizes, chosen, q, 0, k) * factor;
            for (var j = 1; j < heads; j++)
            {
                var number = Weighted(pattern, sizes, chosen, q, j, k);
                reduced = chosen.IsMaximum != 0
                    ? Maths.MaxOrNaN(reduced, number)
                    : Fused.MultiplyAdd(number, factor, reduced);
            }

            result[i] = reduced;
        }
    }
    static float Weighted(
        ArrayView<float> pattern, AttentionSizes sizes, AttentionChoice chosen, int q, int j, int k)
    {
        var number = pattern[sizes.PatternAt(chosen.Heads[j], q) + k];
        return chosen.Factors.Numbers.Length == 0
            ? number
            : number * chosen.Factors.Numbers[chosen.Factors.At(j, k)];
    }
}
