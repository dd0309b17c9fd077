namespace RatIlgpu.Ilgpu;

static class GatherKernel
{
    /// <summary>One group per row: <c>result[i] = table[rows[i]]</c>, widened.</summary>
    public static void Run<TStored, TWidening>(
        ArrayView<TStored> table, ArrayView<int> rows, ArrayView<float> result, int width)
        where TStored : unmanaged
        where TWidening : struct, IWidening<TStored>
    {
        var source = (long)rows[Grid.IdxX] * width;
        var destination = (long)Grid.IdxX * width;
        for (var j = Group.IdxX; j < width; j += Group.DimX)
            result[destination + j] = default(TWidening).Widen(table[source + j]);
    }
}
