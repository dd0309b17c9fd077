using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <content>The microkernels: tiles of up to six rows and <typeparamref name="TColumns"/> columns, whose sums stay in
/// registers. They call no method, since a call would spill every register. The JIT optimises them at once, since the
/// first run of a model would otherwise be slow.</content>
sealed unsafe partial class Simd<TLanes, TColumns>
{
    static void LinearRows<TFormat>(
        Matrix x, Matrix weight, Matrix result, ProductSize size, Ahead ahead, bool accumulate)
        where TFormat : struct, IFormat
    {
        switch (size.Rows)
        {
            case 1: LinearRows<TFormat, One>(x, weight, result, size, ahead, accumulate); break;
            case 2: LinearRows<TFormat, Two>(x, weight, result, size, ahead, accumulate); break;
            case 3: LinearRows<TFormat, Three>(x, weight, result, size, ahead, accumulate); break;
            case 4: LinearRows<TFormat, Four>(x, weight, result, size, ahead, accumulate); break;
            case 5: LinearRows<TFormat, Five>(x, weight, result, size, ahead, accumulate); break;
            default: LinearRows<TFormat, Six>(x, weight, result, size, ahead, accumulate); break;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void LinearRows<TFormat, TRows>(
        Matrix x, Matrix weight, Matrix result, ProductSize size, Ahead ahead, bool accumulate)
        where TFormat : struct, IFormat
        where TRows : struct, ICount
    {
        var (columns, inner) = (size.Columns, size.Inner);
        var wait = ahead.First;
        for (; columns >= TColumns.Value; columns -= TColumns.Value)
        {
            LinearTile<TFormat, TRows, TColumns>(x, weight, result, inner, wait == 0 ? ahead.Bytes : 0, accumulate);
            wait = (wait == 0 ? ahead.Period : wait) - 1;
            weight = weight.From(TColumns.Value, 0);
            result = result.From(0, TColumns.Value * sizeof(float));
        }

        switch (columns)
        {
            case 1: LinearTile<TFormat, TRows, One>(x, weight, result, inner, 0, accumulate); break;
            case 2: LinearTile<TFormat, TRows, Two>(x, weight, result, inner, 0, accumulate); break;
            case 3: LinearTile<TFormat, TRows, Three>(x, weight, result, inner, 0, accumulate); break;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void LinearTile<TFormat, TRows, TCount>(
        Matrix x, Matrix weight, Matrix result, nint inner, nint ahead, bool accumulate)
        where TFormat : struct, IFormat
        where TRows : struct, ICount
        where TCount : struct, ICount
    {
        Quad<TLanes, TCount> sums0 = default, sums1 = default, sums2 = default;
        Quad<TLanes, TCount> sums3 = default, sums4 = default, sums5 = default;
        // Addresses in locals: a loop that computes them takes a third more instructions, which a core that starts four
        // a cycle has no room for.
        float* x0 = x.Row(0), x1 = x.Row(1), x2 = x.Row(2), x3 = x.Row(3), x4 = x.Row(4), x5 = x.Row(5);
        byte* w0 = weight.Data, w1 = w0 + weight.Stride, w2 = w1 + weight.Stride, w3 = w2 + weight.Stride;
        var next = ahead / TFormat.Size;
        for (nint i = 0; i < inner; i += TFormat.IsPaired ? 2 * TLanes.Count : TLanes.Count)
        {
            var weights = Quad<TLanes, TCount>.Load<TFormat>(w0, w1, w2, w3, i);
            if (next != 0)
                Quad<TLanes, TCount>.Prefetch<TFormat>(w0, w1, w2, w3, i + next);
            AddRows<TRows, TCount>(
                ref sums0, ref sums1, ref sums2, ref sums3, ref sums4, ref sums5,
                x0 + i, x1 + i, x2 + i, x3 + i, x4 + i, x5 + i, weights);
            if (!TFormat.IsPaired)
                continue;
            weights = Quad<TLanes, TCount>.Load<OddBF16>(w0, w1, w2, w3, i);
            var j = i + TLanes.Count;
            AddRows<TRows, TCount>(
                ref sums0, ref sums1, ref sums2, ref sums3, ref sums4, ref sums5,
                x0 + j, x1 + j, x2 + j, x3 + j, x4 + j, x5 + j, weights);
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
        if (TRows.Value > 5)
            sums5.StoreSums(result.Row(5), accumulate);
    }

    // Adds the products of one vector of each row. Inlined, so that the sums stay in registers.
    [MethodImpl(AggressiveInlining)]
    static void AddRows<TRows, TCount>(
        ref Quad<TLanes, TCount> sums0, ref Quad<TLanes, TCount> sums1, ref Quad<TLanes, TCount> sums2,
        ref Quad<TLanes, TCount> sums3, ref Quad<TLanes, TCount> sums4, ref Quad<TLanes, TCount> sums5,
        float* x0, float* x1, float* x2, float* x3, float* x4, float* x5, in Quad<TLanes, TCount> weights)
        where TRows : struct, ICount
        where TCount : struct, ICount
    {
        sums0.AddProducts(TLanes.LoadF32(x0), weights);
        if (TRows.Value > 1)
            sums1.AddProducts(TLanes.LoadF32(x1), weights);
        if (TRows.Value > 2)
            sums2.AddProducts(TLanes.LoadF32(x2), weights);
        if (TRows.Value > 3)
            sums3.AddProducts(TLanes.LoadF32(x3), weights);
        if (TRows.Value > 4)
            sums4.AddProducts(TLanes.LoadF32(x4), weights);
        if (TRows.Value > 5)
            sums5.AddProducts(TLanes.LoadF32(x5), weights);
    }

    static void MixRows<TMixed>(Matrix pattern, Matrix value, TMixed mixed, ProductSize size)
        where TMixed : struct, IMixed
    {
        switch (size.Rows)
        {
            case 1: MixRows<One, TMixed>(pattern, value, mixed, size); break;
            case 2: MixRows<Two, TMixed>(pattern, value, mixed, size); break;
            case 3: MixRows<Three, TMixed>(pattern, value, mixed, size); break;
            case 4: MixRows<Four, TMixed>(pattern, value, mixed, size); break;
            default: MixRows<Five, TMixed>(pattern, value, mixed, size); break;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void MixRows<TRows, TMixed>(Matrix pattern, Matrix value, TMixed mixed, ProductSize size)
        where TRows : struct, ICount
        where TMixed : struct, IMixed
    {
        nint column = 0;
        for (; column <= size.Columns - TColumns.Value * TLanes.Count; column += TColumns.Value * TLanes.Count)
            MixTile<TRows, TColumns, TMixed>(pattern, value, mixed, column, size.Inner);
        switch ((size.Columns - column) / TLanes.Count)
        {
            case 1: MixTile<TRows, One, TMixed>(pattern, value, mixed, column, size.Inner); break;
            case 2: MixTile<TRows, Two, TMixed>(pattern, value, mixed, column, size.Inner); break;
            case 3: MixTile<TRows, Three, TMixed>(pattern, value, mixed, column, size.Inner); break;
        }
    }

    // CombineTile with factors in rows has the same bits, but takes 1.6 of the time for 64 keys.
    [MethodImpl(AggressiveOptimization)]
    static void MixTile<TRows, TCount, TMixed>(Matrix pattern, Matrix value, TMixed mixed, nint column, nint inner)
        where TRows : struct, ICount
        where TCount : struct, ICount
        where TMixed : struct, IMixed
    {
        Quad<TLanes, TCount> sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        float* p0 = pattern.Row(0), p1 = pattern.Row(1), p2 = pattern.Row(2), p3 = pattern.Row(3), p4 = pattern.Row(4);
        var numbers = value.Data + column * sizeof(float);
        for (nint k = 0; k < inner; k++)
        {
            var values = Quad<TLanes, TCount>.Load((float*)numbers);
            numbers += value.Stride;
            sums0.AddProducts(TLanes.Of(p0[k]), values);
            if (TRows.Value > 1)
                sums1.AddProducts(TLanes.Of(p1[k]), values);
            if (TRows.Value > 2)
                sums2.AddProducts(TLanes.Of(p2[k]), values);
            if (TRows.Value > 3)
                sums3.AddProducts(TLanes.Of(p3[k]), values);
            if (TRows.Value > 4)
                sums4.AddProducts(TLanes.Of(p4[k]), values);
        }

        mixed.Take(sums0, 0, column);
        if (TRows.Value > 1)
            mixed.Take(sums1, 1, column);
        if (TRows.Value > 2)
            mixed.Take(sums2, 2, column);
        if (TRows.Value > 3)
            mixed.Take(sums3, 3, column);
        if (TRows.Value > 4)
            mixed.Take(sums4, 4, column);
    }

    /// <summary>What becomes of the numbers that a tile mixed, while they are in registers.</summary>
    interface IMixed
    {
        /// <summary>Takes one to four vectors of a row of the tile, from a column on.</summary>
        void Take<TCount>(in Quad<TLanes, TCount> mixed, nint row, nint column)
            where TCount : struct, ICount;
    }

    // Adds the mixed numbers to those of a matrix.
    readonly struct Added(Matrix result) : IMixed
    {
        [MethodImpl(AggressiveInlining)]
        public void Take<TCount>(in Quad<TLanes, TCount> mixed, nint row, nint column)
            where TCount : struct, ICount => mixed.AddTo(result.Row(row) + column);
    }
}
