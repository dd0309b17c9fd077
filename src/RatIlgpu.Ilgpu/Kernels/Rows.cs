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
        var squares = 0f;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            squares = Fused.MultiplyAdd(x[row + j], x[row + j], squares);
        var scale = Maths.InverseOfRoot(default(TReduction).Sum(squares, scratch) / width + epsilon);
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            result[row + j] = x[row + j] * scale * default(TDequantizer).ToF32(gain[j]);
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
