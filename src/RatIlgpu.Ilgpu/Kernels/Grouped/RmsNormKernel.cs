namespace RatIlgpu.Ilgpu;

static class RmsNormKernel
{
    /// <summary>One group per row: <c>result = gain ⊙ x / sqrt(mean(x²) + epsilon)</c>.</summary>
    public static void Run<TReduction, TStored, TWidening>(
        ArrayView<float> x, ArrayView<TStored> gain, float epsilon, ArrayView<float> result, int width)
        where TReduction : struct, IReduction
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored>
    {
        var room = SharedMemory.Allocate<float>(Limits.GroupSize);
        var row = (long)Grid.IdxX * width;
        var squares = 0f;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            squares = Fused.MultiplyAdd(x[row + j], x[row + j], squares);
        var scale = Maths.InverseOfRoot(default(TReduction).Sum(squares, room) / width + epsilon);
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            result[row + j] = x[row + j] * scale * default(TWidening).Widen(gain[j]);
    }
}
