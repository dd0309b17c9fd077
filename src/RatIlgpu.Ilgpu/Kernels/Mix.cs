namespace RatIlgpu.Ilgpu;

/// <summary>How four probabilities of a row are loaded; 0 for keys behind the last.</summary>
interface IPatternFours
{
    /// <summary>The four from a key on, which is a multiple of four.</summary>
    Float4 Load(ArrayView<float> pattern, long row, int key, int keys);
}

/// <summary>By one instruction: rows are multiples of four long.</summary>
readonly struct AlignedFours : IPatternFours
{
    public Float4 Load(ArrayView<float> pattern, long row, int key, int keys) =>
        key < keys ? pattern.Cast<Float4>()[(row + key) / 4] : default;
}

/// <summary>One by one: rows have any length.</summary>
readonly struct SingleFours : IPatternFours
{
    public Float4 Load(ArrayView<float> pattern, long row, int key, int keys) => new()
    {
        X = key < keys ? pattern[row + key] : 0f,
        Y = key + 1 < keys ? pattern[row + key + 1] : 0f,
        Z = key + 2 < keys ? pattern[row + key + 2] : 0f,
        W = key + 3 < keys ? pattern[row + key + 3] : 0f,
    };
}

static class MixKernel
{
    // The number of keys that lie in shared memory at a time.
    const int Depth = 16;

    /// <summary>One group per tile of one head: the values, loaded in fours, weighted by a kept pattern.</summary>
    /// <remarks>For queries behind the last, the kernel reads the last and stores nothing.</remarks>
    public static void Run<TTile, TFours>(
        ArrayView<float> pattern, ArrayView<Float4> value, AttentionSizes sizes, ArrayView<float> result)
        where TTile : struct, ITile
        where TFours : struct, IPatternFours
    {
        // A row of shared memory holds one key; four more numbers put neighbouring rows into different banks.
        var ps = SharedMemory.Allocate<Float4>(Depth * (default(TTile).Side + 1));
        var vs = SharedMemory.Allocate<Float4>(Depth * (default(TTile).Side + 1));
        var (width, step, head) = (default(TTile).Side * 4, default(TTile).Side + 1, Grid.IdxY);
        var tiles = (sizes.HeadSize + width - 1) / width;
        var (firstQuery, firstColumn) = (Grid.IdxX / tiles * width, Grid.IdxX % tiles * width);
        var (atP, atV) = (Group.IdxX / default(TTile).Side, Group.IdxX % default(TTile).Side);
        Tile16 sums = default;
        for (var start = 0; start < sizes.Keys; start += Depth)
        {
            for (var i = Group.IdxX; i < width * Depth / 4; i += Group.DimX)
            {
                var (query, key) = (i / (Depth / 4), i % (Depth / 4) * 4);
                var row = (long)head * sizes.Queries + IntrinsicMath.Min(firstQuery + query, sizes.Queries - 1);
                LinearKernel.StoreTransposed(
                    ps.Cast<float>(), key * (width + 4) + query, width + 4,
                    default(TFours).Load(pattern, row * sizes.Keys, start + key, sizes.Keys));
                var (ofKey, four) = (i / default(TTile).Side, i % default(TTile).Side);
                vs[ofKey * step + four] = Value(value, sizes, head, start + ofKey, firstColumn + four * 4);
            }

            Barrier.Wait();
            Tile16 even = default, odd = default;
            for (var k = 0; k < Depth * step; k += 2 * step)
            {
                even.Add(ps[atP + k], vs[atV + k]);
                odd.Add(ps[atP + k + step], vs[atV + k + step]);
            }

            even.Add(odd);
            sums.Add(even);
            Barrier.Wait();
        }

        Store(result, sizes, firstQuery + atP * 4, firstColumn + atV * 4, sums.A);
        Store(result, sizes, firstQuery + atP * 4 + 1, firstColumn + atV * 4, sums.B);
        Store(result, sizes, firstQuery + atP * 4 + 2, firstColumn + atV * 4, sums.C);
        Store(result, sizes, firstQuery + atP * 4 + 3, firstColumn + atV * 4, sums.D);
    }

    static Float4 Value(ArrayView<Float4> value, AttentionSizes sizes, int head, int key, int column) =>
        key < sizes.Keys && column < sizes.HeadSize ? value[(sizes.KeyAt(key, head) + column) / 4] : default;

    static void Store(ArrayView<float> result, AttentionSizes sizes, int query, int column, Float4 sums)
    {
        if (query >= sizes.Queries || column >= sizes.HeadSize)
            return;
        var place = sizes.QueryAt(query, Grid.IdxY) + column;
        result[place] = sums.X;
        result[place + 1] = sums.Y;
        result[place + 2] = sums.Z;
        result[place + 3] = sums.W;
    }
}
