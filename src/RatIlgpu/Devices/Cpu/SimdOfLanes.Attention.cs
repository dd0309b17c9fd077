using System.Runtime.Intrinsics.X86;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <content>The loops of streamed attention. A column is a query, so that neither products nor softmax add up the lanes
/// of a vector: where rows are 64 numbers deep, that would take as long as the products.</content>
sealed unsafe partial class Simd<TLanes, TColumns>
{
    const int CacheLine = 64;

    const int NarrowRows = 12;

    public override void Combine(
        Factors factors, Matrix vectors, Matrix result, ProductSize size, bool accumulate, in RowsAhead ahead)
    {
        var whole = size.Columns - size.Columns % TLanes.Count;
        CombineBlock(factors, vectors, result, size with { Columns = whole }, accumulate, ahead);
        if (whole == size.Columns)
            return;
        var right = whole * sizeof(float);
        Simd<ScalarLanes, Two>.CombineBlock(
            factors, vectors.From(0, right), result.From(0, right), size with { Columns = size.Columns - whole },
            accumulate, default);
    }

    [MethodImpl(AggressiveOptimization)]
    public override void ExponentiateColumns(
        Matrix scores, nint rows, nint columns, float* largest, float* sums, float* kept)
    {
        for (nint column = 0; column < columns; column += TLanes.Count)
        {
            var before = TLanes.LoadF32(largest + column);
            var shift = LargestOfColumn(scores.From(0, column * sizeof(float)), rows, before);
            shift.Store(largest + column);
            var rest = Exponential.Of(before + shift * TLanes.Of(-1));
            rest.Store(kept + column);
            var sum = ExponentialsOfColumn(scores.From(0, column * sizeof(float)), rows, shift * TLanes.Of(-1));
            TLanes.MultiplyAdd(TLanes.LoadF32(sums + column), rest, sum).Store(sums + column);
        }
    }

    // Four chains: one would wait for each result.
    [MethodImpl(AggressiveOptimization)]
    static TLanes LargestOfColumn(Matrix scores, nint rows, TLanes before)
    {
        TLanes a = before, b = before, c = before, d = before;
        nint row = 0;
        for (; row <= rows - 4; row += 4)
        {
            a = TLanes.Max(a, TLanes.LoadF32(scores.Row(row)));
            b = TLanes.Max(b, TLanes.LoadF32(scores.Row(row + 1)));
            c = TLanes.Max(c, TLanes.LoadF32(scores.Row(row + 2)));
            d = TLanes.Max(d, TLanes.LoadF32(scores.Row(row + 3)));
        }

        for (; row < rows; row++)
            a = TLanes.Max(a, TLanes.LoadF32(scores.Row(row)));
        return TLanes.Max(TLanes.Max(a, b), TLanes.Max(c, d));
    }

    // A row is added to the sum that its number names, so that a sum does not depend on the rows behind.
    [MethodImpl(AggressiveOptimization)]
    static TLanes ExponentialsOfColumn(Matrix scores, nint rows, TLanes shift)
    {
        TLanes a = TLanes.Of(0), b = a, c = a, d = a;
        nint row = 0;
        for (; row <= rows - 4; row += 4)
        {
            a += Exponentiated(scores.Row(row), shift);
            b += Exponentiated(scores.Row(row + 1), shift);
            c += Exponentiated(scores.Row(row + 2), shift);
            d += Exponentiated(scores.Row(row + 3), shift);
        }

        if (row < rows)
            a += Exponentiated(scores.Row(row), shift);
        if (row + 1 < rows)
            b += Exponentiated(scores.Row(row + 1), shift);
        if (row + 2 < rows)
            c += Exponentiated(scores.Row(row + 2), shift);
        return a + b + (c + d);
    }

    [MethodImpl(AggressiveInlining)]
    static TLanes Exponentiated(float* numbers, TLanes shift)
    {
        var exponentials = Exponential.Of(TLanes.LoadF32(numbers) + shift);
        exponentials.Store(numbers);
        return exponentials;
    }

    static void CombineBlock(
        Factors factors, Matrix vectors, Matrix result, ProductSize size, bool accumulate, in RowsAhead ahead)
    {
        nint row = 0;
        if (size.Columns == TLanes.Count)
            for (; row <= size.Rows - NarrowRows; row += NarrowRows)
            {
                Prefetch(ahead, row, row + NarrowRows);
                CombineNarrow(factors.From(row), vectors, result.From(row, 0), size.Inner, accumulate);
            }

        var tileRows = EvenTile(size.Rows - row, RowsOfTile);
        for (; row < size.Rows; row += tileRows)
        {
            var tile = size with { Rows = Math.Min(tileRows, size.Rows - row) };
            Prefetch(ahead, row, row + tile.Rows);
            CombineRows(factors.From(row), vectors, result.From(row, 0), tile, accumulate);
        }
    }

    static void CombineRows(Factors factors, Matrix vectors, Matrix result, ProductSize size, bool accumulate)
    {
        switch (size.Rows)
        {
            case 1: CombineRows<One>(factors, vectors, result, size, accumulate); break;
            case 2: CombineRows<Two>(factors, vectors, result, size, accumulate); break;
            case 3: CombineRows<Three>(factors, vectors, result, size, accumulate); break;
            case 4: CombineRows<Four>(factors, vectors, result, size, accumulate); break;
            default: CombineRows<Five>(factors, vectors, result, size, accumulate); break;
        }
    }

    // One vector for each row: a tile of five rows would have too few chains.
    [MethodImpl(AggressiveOptimization)]
    static void CombineNarrow(Factors factors, Matrix vectors, Matrix result, nint inner, bool accumulate)
    {
        TLanes a = TLanes.Of(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        nint stride = factors.Stride, step = factors.Step;
        byte* f0 = factors.Data, f3 = f0 + 3 * stride, f6 = f3 + 3 * stride, f9 = f6 + 3 * stride;
        var numbers = vectors.Data;
        for (; inner > 0; inner--)
        {
            var lanes = TLanes.LoadF32((float*)numbers);
            numbers += vectors.Stride;
            a.AddProduct(TLanes.Of(*(float*)f0), lanes);
            b.AddProduct(TLanes.Of(*(float*)(f0 + stride)), lanes);
            c.AddProduct(TLanes.Of(*(float*)(f0 + 2 * stride)), lanes);
            d.AddProduct(TLanes.Of(*(float*)f3), lanes);
            e.AddProduct(TLanes.Of(*(float*)(f3 + stride)), lanes);
            f.AddProduct(TLanes.Of(*(float*)(f3 + 2 * stride)), lanes);
            g.AddProduct(TLanes.Of(*(float*)f6), lanes);
            h.AddProduct(TLanes.Of(*(float*)(f6 + stride)), lanes);
            i.AddProduct(TLanes.Of(*(float*)(f6 + 2 * stride)), lanes);
            j.AddProduct(TLanes.Of(*(float*)f9), lanes);
            k.AddProduct(TLanes.Of(*(float*)(f9 + stride)), lanes);
            l.AddProduct(TLanes.Of(*(float*)(f9 + 2 * stride)), lanes);
            f0 += step;
            f3 += step;
            f6 += step;
            f9 += step;
        }

        Put(a, b, c, result, accumulate);
        Put(d, e, f, result.From(3, 0), accumulate);
        Put(g, h, i, result.From(6, 0), accumulate);
        Put(j, k, l, result.From(9, 0), accumulate);
    }

    [MethodImpl(AggressiveInlining)]
    static void Put(TLanes first, TLanes second, TLanes third, Matrix result, bool accumulate)
    {
        (accumulate ? TLanes.LoadF32(result.Row(0)) + first : first).Store(result.Row(0));
        (accumulate ? TLanes.LoadF32(result.Row(1)) + second : second).Store(result.Row(1));
        (accumulate ? TLanes.LoadF32(result.Row(2)) + third : third).Store(result.Row(2));
    }

    // A part of the lines of each row: the other parts of an item load the others.
    static void Prefetch(in RowsAhead ahead, nint row, nint end)
    {
        // .NET offers prefetching on x86 only.
        if (!Sse.IsSupported || ahead.Bytes == 0)
            return;
        for (; row < end; row++)
            for (var offset = ahead.Part * CacheLine; offset < ahead.Bytes; offset += ahead.Parts * CacheLine)
            {
                Sse.Prefetch1(ahead.Keys.From(row, offset).Data);
                Sse.Prefetch1(ahead.Values.From(row, offset).Data);
            }
    }

    [MethodImpl(AggressiveOptimization)]
    static void CombineRows<TRows>(
        Factors factors, Matrix vectors, Matrix result, ProductSize size, bool accumulate)
        where TRows : struct, ICount
    {
        var (columns, inner) = (size.Columns / TLanes.Count, size.Inner);
        for (; columns >= TColumns.Value; columns -= TColumns.Value)
        {
            CombineTile<TRows, TColumns>(factors, vectors, result, inner, accumulate);
            vectors = vectors.From(0, TColumns.Value * TLanes.Count * sizeof(float));
            result = result.From(0, TColumns.Value * TLanes.Count * sizeof(float));
        }

        switch (columns)
        {
            case 1: CombineTile<TRows, One>(factors, vectors, result, inner, accumulate); break;
            case 2: CombineTile<TRows, Two>(factors, vectors, result, inner, accumulate); break;
            case 3: CombineTile<TRows, Three>(factors, vectors, result, inner, accumulate); break;
        }
    }

    [MethodImpl(AggressiveOptimization)]
    static void CombineTile<TRows, TCount>(
        Factors factors, Matrix vectors, Matrix result, nint inner, bool accumulate)
        where TRows : struct, ICount
        where TCount : struct, ICount
    {
        Quad<TLanes, TCount> sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        byte* f0 = factors.Data, f1 = f0 + factors.Stride, f2 = f1 + factors.Stride, f3 = f2 + factors.Stride;
        byte* f4 = f3 + factors.Stride;
        var numbers = vectors.Data;
        for (nint step = 0, end = inner * factors.Step; step != end; step += factors.Step)
        {
            var lanes = Quad<TLanes, TCount>.Load((float*)numbers);
            numbers += vectors.Stride;
            sums0.AddProducts(TLanes.Of(*(float*)(f0 + step)), lanes);
            if (TRows.Value > 1)
                sums1.AddProducts(TLanes.Of(*(float*)(f1 + step)), lanes);
            if (TRows.Value > 2)
                sums2.AddProducts(TLanes.Of(*(float*)(f2 + step)), lanes);
            if (TRows.Value > 3)
                sums3.AddProducts(TLanes.Of(*(float*)(f3 + step)), lanes);
            if (TRows.Value > 4)
                sums4.AddProducts(TLanes.Of(*(float*)(f4 + step)), lanes);
        }

        // Numbers that are not set may be NaN.
        if (!accumulate)
            Clear<TRows, TCount>(result);
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

    [MethodImpl(AggressiveInlining)]
    static void Clear<TRows, TCount>(Matrix result)
        where TRows : struct, ICount
        where TCount : struct, ICount
    {
        for (nint row = 0; row < TRows.Value; row++)
            for (nint column = 0; column < TCount.Value; column++)
                TLanes.Of(0).Store(result.Row(row) + column * TLanes.Count);
    }
}
