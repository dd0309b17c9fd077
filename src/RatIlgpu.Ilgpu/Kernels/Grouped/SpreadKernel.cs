namespace RatIlgpu.Ilgpu;

static class SpreadKernel
{
    /// <summary>One group per row, which becomes the bias: <c>result[i] = bias</c>, widened.</summary>
    public static void Run<TStored, TWidening>(ArrayView<TStored> bias, ArrayView<float> result, int width)
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored>
    {
        var row = (long)Grid.IdxX * width;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            result[row + j] = default(TWidening).Widen(bias[j]);
    }
}
