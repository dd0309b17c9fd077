namespace RatIlgpu.Ilgpu;

static class GatherKernel
{
    /// <summary>One group per row: <c>result[i] = table[rows[i]]</c>, as F32.</summary>
    public static void Run<TStored, TDequantizer>(
        ArrayView<TStored> table, ArrayView<int> rows, int width, ArrayView<float> result)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        var source = (long)rows[Grid.IdxX] * width;
        var destination = (long)Grid.IdxX * width;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            result[destination + j] = default(TDequantizer).ToF32(table[source + j]);
    }
}

static class RmsNormKernel
{
    /// <summary>One group per row: <c>result = gain ⊙ x / sqrt(mean(x²) + epsilon)</c>.</summary>
    public static void Run<TReduction, TStored, TDequantizer>(
        ArrayView<float> x, ArrayView<TStored> gain, float epsilon, ArrayView<float> result)
        where TReduction : struct, IReduction
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var width = gain.IntLength;
        var row = (long)Grid.IdxX * width;
        var scale = ScaleOf<TReduction>(x, row, width, epsilon, scratch);
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            result[row + j] = x[row + j] * scale * default(TDequantizer).ToF32(gain[j]);
    }

    /// <summary>Returns <c>1 / sqrt(mean(x²) + epsilon)</c> of a row, to every thread of its group.</summary>
    public static float ScaleOf<TReduction>(
        ArrayView<float> x, long row, int width, float epsilon, ArrayView<float> scratch)
        where TReduction : struct, IReduction
    {
        var squares = 0f;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            squares = Fused.MultiplyAdd(x[row + j], x[row + j], squares);
        return Maths.InverseOfRoot(default(TReduction).Sum(squares, scratch) / width + epsilon);
    }
}

static class NormRotateKernel
{
    /// <summary>One group per position and head: norms the head as a row, and rotates its pairs, in place.</summary>
    public static void Run<TReduction, TStored, TDequantizer>(
        ArrayView<TStored> gain, float epsilon, ArrayView<float> angles, AttentionSizes sizes, ArrayView<float> heads)
        where TReduction : struct, IReduction
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var half = sizes.HeadSize / 2;
        var first = (long)Grid.IdxX * 2 * half;
        var angle = (long)(Grid.IdxX / sizes.Heads) * 2 * half;
        var scale = RmsNormKernel.ScaleOf<TReduction>(heads, first, 2 * half, epsilon, scratch);
        for (var m = Group.IdxX; m < half; m += Group.DimX)
        {
            var a = heads[first + m] * scale * default(TDequantizer).ToF32(gain[m]);
            var b = heads[first + half + m] * scale * default(TDequantizer).ToF32(gain[half + m]);
            var (cos, sin) = (angles[angle + m], angles[angle + half + m]);
            heads[first + m] = RotateKernel.Low(a, b, cos, sin);
            heads[first + half + m] = RotateKernel.High(a, b, cos, sin);
        }
    }
}

static class RotateKernel
{
    /// <summary>One group per position and head: rotates the pairs <c>(m, m + headSize/2)</c> by the angles of the
    /// position.</summary>
    public static void Run(ArrayView<float> x, ArrayView<float> angles, AttentionSizes sizes, ArrayView<float> result)
    {
        var half = sizes.HeadSize / 2;
        var first = (long)Grid.IdxX * 2 * half;
        var angle = (long)(Grid.IdxX / sizes.Heads) * 2 * half;
        for (var m = Group.IdxX; m < half; m += Group.DimX)
        {
            var (a, b) = (x[first + m], x[first + half + m]);
            var (cos, sin) = (angles[angle + m], angles[angle + half + m]);
            result[first + m] = Low(a, b, cos, sin);
            result[first + half + m] = High(a, b, cos, sin);
        }
    }

    /// <summary>The first number of a rotated pair.</summary>
    public static float Low(float a, float b, float cos, float sin) => Fused.MultiplyAdd(a, cos, -b * sin);

    /// <summary>The second number of a rotated pair.</summary>
    public static float High(float a, float b, float cos, float sin) => Fused.MultiplyAdd(b, cos, a * sin);
}
