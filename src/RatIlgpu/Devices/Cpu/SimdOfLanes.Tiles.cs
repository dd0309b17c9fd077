using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <content>The microkernels. They call nothing, since a call would send every register to the stack, and are compiled with
/// full optimisation at once, since the first run of a model must not crawl.</content>
sealed unsafe partial class Simd<TLanes>
{
    static void LinearTile<TFormat>(Matrix x, Matrix weight, Matrix result, Extent tile, bool accumulate)
        where TFormat : struct, IFormat
    {
        switch (tile.Columns)
        {
            case 1: LinearTile<TFormat, One>(x, weight, result, tile, accumulate); break;
            case 2: LinearTile<TFormat, Two>(x, weight, result, tile, accumulate); break;
            case 3: LinearTile<TFormat, Three>(x, weight, result, tile, accumulate); break;
            default: LinearTile<TFormat, Four>(x, weight, result, tile, accumulate); break;
        }
    }

    static void LinearTile<TFormat, TColumns>(Matrix x, Matrix weight, Matrix result, Extent tile, bool accumulate)
        where TFormat : struct, IFormat
        where TColumns : struct, ICount
    {
        switch (tile.Rows)
        {
            case 1: LinearTile<TFormat, TColumns, One>(x, weight, result, tile.Inner, accumulate); break;
            case 2: LinearTile<TFormat, TColumns, Two>(x, weight, result, tile.Inner, accumulate); break;
            case 3: LinearTile<TFormat, TColumns, Three>(x, weight, result, tile.Inner, accumulate); break;
            case 4: LinearTile<TFormat, TColumns, Four>(x, weight, result, tile.Inner, accumulate); break;
            default: LinearTile<TFormat, TColumns, Five>(x, weight, result, tile.Inner, accumulate); break;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void LinearTile<TFormat, TColumns, TRows>(Matrix x, Matrix weight, Matrix result, nint inner, bool accumulate)
        where TFormat : struct, IFormat
        where TColumns : struct, ICount
        where TRows : struct, ICount
    {
        Quad<TLanes, TColumns> sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        for (nint i = 0; i < inner; i += TLanes.Count)
        {
            var weights = Quad<TLanes, TColumns>.Load<TFormat>(weight.Data + i * TFormat.Size, weight.Stride);
            sums0.MultiplyAdd(TLanes.LoadF32(x.Row(0) + i), weights);
            if (TRows.Value > 1)
                sums1.MultiplyAdd(TLanes.LoadF32(x.Row(1) + i), weights);
            if (TRows.Value > 2)
                sums2.MultiplyAdd(TLanes.LoadF32(x.Row(2) + i), weights);
            if (TRows.Value > 3)
                sums3.MultiplyAdd(TLanes.LoadF32(x.Row(3) + i), weights);
            if (TRows.Value > 4)
                sums4.MultiplyAdd(TLanes.LoadF32(x.Row(4) + i), weights);
        }

        sums0.StoreSums(result.Row(0), accumulate);
        if (TRows.Value > 1)
            sums1.StoreSums(result.Row(1), accumulate);
        if (TRows.Value > 2)
            sums2.StoreSums(result.Row(2), accumulate);
        if (TRows.Value > 3)
            sums3.StoreSums(result.Row(3), accumulate);
        if (TRows.Value > 4)
            sums4.StoreSums(result.Row(4), accumulate);
    }

    static void MixTile(Matrix pattern, Matrix value, Matrix result, Extent tile)
    {
        switch (tile.Columns)
        {
            case 1: MixTile<One>(pattern, value, result, tile); break;
            case 2: MixTile<Two>(pattern, value, result, tile); break;
            case 3: MixTile<Three>(pattern, value, result, tile); break;
            default: MixTile<Four>(pattern, value, result, tile); break;
        }
    }

    static void MixTile<TColumns>(Matrix pattern, Matrix value, Matrix result, Extent tile)
        where TColumns : struct, ICount
    {
        switch (tile.Rows)
        {
            case 1: MixTile<TColumns, One>(pattern, value, result, tile.Inner); break;
            case 2: MixTile<TColumns, Two>(pattern, value, result, tile.Inner); break;
            case 3: MixTile<TColumns, Three>(pattern, value, result, tile.Inner); break;
            case 4: MixTile<TColumns, Four>(pattern, value, result, tile.Inner); break;
            default: MixTile<TColumns, Five>(pattern, value, result, tile.Inner); break;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void MixTile<TColumns, TRows>(Matrix pattern, Matrix value, Matrix result, nint inner)
        where TColumns : struct, ICount
        where TRows : struct, ICount
    {
        Quad<TLanes, TColumns> sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        for (nint k = 0; k < inner; k++)
        {
            var values = Quad<TLanes, TColumns>.Load<F32>((byte*)value.Row(k), TLanes.Count * sizeof(float));
            sums0.MultiplyAdd(TLanes.Of(pattern.Row(0)[k]), values);
            if (TRows.Value > 1)
                sums1.MultiplyAdd(TLanes.Of(pattern.Row(1)[k]), values);
            if (TRows.Value > 2)
                sums2.MultiplyAdd(TLanes.Of(pattern.Row(2)[k]), values);
            if (TRows.Value > 3)
                sums3.MultiplyAdd(TLanes.Of(pattern.Row(3)[k]), values);
            if (TRows.Value > 4)
                sums4.MultiplyAdd(TLanes.Of(pattern.Row(4)[k]), values);
        }

        sums0.AddTo(result.Row(0));
        if (TRows.Value > 1)
            sums1.AddTo(result.Row(1));
        if (TRows.Value > 2)
            sums2.AddTo(result.Row(2));
        if (TRows.Value > 3)
            sums3.AddTo(result.Row(3));
        if (TRows.Value > 4)
            sums4.AddTo(result.Row(4));
    }
}
