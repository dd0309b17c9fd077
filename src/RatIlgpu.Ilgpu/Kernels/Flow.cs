namespace RatIlgpu.Ilgpu;

/// <summary>The sizes of rows of flow, and the keys that are looked at; a parameter of kernels.</summary>
struct FlowSizes
{
    /// <summary>The sizes of the pattern and the values.</summary>
    public AttentionSizes Attention;

    /// <summary>The numbers of a position of the stream.</summary>
    public int Width;

    /// <summary>The first key.</summary>
    public int FirstKey;

    /// <summary>The number of keys.</summary>
    public int KeyCount;

    /// <summary>Returns <c>|y| − |y − z|</c>; nothing cancels where z is small. NaN if one of the two is
    /// NaN.</summary>
    public static float Nearness(float y, float z)
    {
        var along = y < 0f ? -z : z;
        var beyond = 2f * (y < 0f ? -y : y) - along;
        return along < beyond ? along : beyond;
    }
}

static class WrittenKernel
{
    /// <summary>One thread per number or several: what a head writes of a key when it attends to it fully,
    /// <c>written[k, h] = Wo[h] value[k, h]</c>.</summary>
    public static void Run<TStored, TDequantizer>(
        ArrayView<float> value, ArrayView<TStored> weight, FlowSizes sizes, ArrayView<float> written)
        where TStored : unmanaged
        where TDequantizer : struct, IDequantizer<TStored>
    {
        var (heads, size) = (sizes.Attention.Heads, sizes.Attention.HeadSize);
        for (var i = Threads.First; i < written.Length; i += Threads.Count)
        {
            var (row, column) = (i / sizes.Width, i % sizes.Width);
            var (key, head) = (sizes.FirstKey + (int)(row / heads), (int)(row % heads));
            var (x, y) = (sizes.Attention.KeyAt(key, head), (column * heads + head) * size);
            var sum = 0f;
            for (var m = 0; m < size; m++)
                sum = Fused.MultiplyAdd(default(TDequantizer).ToF32(weight[y + m]), value[x + m], sum);
            written[i] = sum;
        }
    }
}

static class NearnessKernel
{
    /// <summary>One group per query and key: how near the part that attention brings from the key comes to the stream
    /// after attention; 0 for a key after the query.</summary>
    public static void Run<TReduction>(
        ArrayView<float> pattern, ArrayView<float> written, ArrayView<float> after, FlowSizes sizes,
        ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var (q, place) = (Grid.IdxX / sizes.KeyCount, Grid.IdxX % sizes.KeyCount);
        var (key, width) = (sizes.FirstKey + place, sizes.Width);
        var columns = key < sizes.Attention.EndKey(q) ? width : 0;
        var (stream, part) = ((long)q * width, (long)place * sizes.Attention.Heads * width);
        var sum = 0f;
        for (var j = Group.IdxX; j < columns; j += Group.DimX)
        {
            var moved = 0f;
            for (var head = 0; head < sizes.Attention.Heads; head++)
                moved = Fused.MultiplyAdd(
                    pattern[sizes.Attention.PatternAt(head, q) + key], written[part + (long)head * width + j], moved);
            sum += FlowSizes.Nearness(after[stream + j], moved);
        }

        sum = default(TReduction).Sum(sum, scratch);
        if (Group.IdxX == 0)
            result[(long)q * sizes.Attention.Keys + key] = Maths.MaxOrNaN(0f, sum);
    }
}

static class FlowRowsKernel
{
    /// <summary>One group per query: divides how near each key comes by the sum of all and of the stream before, which
    /// counts for the query itself.</summary>
    public static void Run<TReduction>(
        ArrayView<float> before, ArrayView<float> after, FlowSizes sizes, ArrayView<float> result)
        where TReduction : struct, IReduction
    {
        var scratch = SharedMemory.Allocate<float>(Limits.GroupSize);
        var stream = (long)Grid.IdxX * sizes.Width;
        var row = (long)Grid.IdxX * sizes.Attention.Keys;
        var own = sizes.Attention.EndKey(Grid.IdxX) - 1;
        var near = 0f;
        for (var j = Group.IdxX; j < sizes.Width; j += Group.DimX)
            near += FlowSizes.Nearness(after[stream + j], before[stream + j]);
        var stay = Maths.MaxOrNaN(0f, default(TReduction).Sum(near, scratch));
        var part = 0f;
        for (var k = Group.IdxX; k <= own; k += Group.DimX)
            part += result[row + k];
        var sum = default(TReduction).Sum(part, scratch) + stay;
        for (var k = Group.IdxX; k <= own; k += Group.DimX)
        {
            var number = result[row + k] + (k == own ? stay : 0f);
            result[row + k] = sum == 0f ? (k == own ? 1f : 0f) : number / sum;
        }
    }
}
