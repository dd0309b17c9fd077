namespace RatIlgpu.Ilgpu;

static class RotateKernel
{
    /// <summary>One group per position and head: pairs <c>(m, m + half)</c> turned by the angles of their
    /// position.</summary>
    public static void Run(ArrayView<float> x, ArrayView<float> angles, ArrayView<float> result, int heads, int half)
    {
        var first = (long)Grid.IdxX * 2 * half;
        var angle = (long)(Grid.IdxX / heads) * 2 * half;
        for (var m = Group.IdxX; m < half; m += Group.DimX)
        {
            var (a, b) = (x[first + m], x[first + half + m]);
            var (cos, sin) = (angles[angle + m], angles[angle + half + m]);
            result[first + m] = Fused.MultiplyAdd(a, cos, -b * sin);
            result[first + half + m] = Fused.MultiplyAdd(b, cos, a * sin);
        }
    }
}
