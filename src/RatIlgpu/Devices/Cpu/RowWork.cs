namespace RatIlgpu.Devices;

/// <summary>Computes <see cref="Device.RmsNorm"/>; a piece is a row. The gain is F32.</summary>
readonly unsafe struct RmsNormWork(
    Simd simd, Matrix x, float* gain, float epsilon, Matrix result, nint rows, nint columns) : IRangeWork
{
    public long Count => rows;

    public long StepsPerPiece => columns;

    public void Do(long start, long end)
    {
        for (var row = (nint)start; row < end; row++)
        {
            // In double: every number of the row would have the same rounding error of the scale, and these errors add
            // up in each product with the row.
            var scale = 1 / Math.Sqrt(simd.SumOfSquares(x.Row(row), columns) / columns + epsilon);
            simd.ScaleEach(x.Row(row), gain, scale, result.Row(row), columns);
        }
    }
}

/// <summary>Computes <see cref="Device.Linear"/> and <see cref="Device.AddLinear"/>; a piece is twelve outputs of all
/// rows. The size is rows, outputs and inputs; a bias without data is none.</summary>
readonly unsafe struct LinearWork(
    Simd simd, Matrix x, WeightElements weight, WeightElements bias, bool accumulate, Matrix result, ProductSize size)
    : IRangeWork
{
    // A multiple of the columns of every tile: 4, 3 or 2.
    const int OutputUnit = 12;

    public long Count => (size.Columns + OutputUnit - 1) / OutputUnit;

    public long StepsPerPiece => OutputUnit * size.Inner * (4L + size.Rows) / 4;

    public void Do(long start, long end)
    {
        var first = (nint)start * OutputUnit;
        var count = Math.Min((nint)end * OutputUnit, size.Columns) - first;
        if (bias.Data != null)
            for (var row = 0; row < size.Rows; row++)
                simd.Widen(bias.At(first), bias.Type, result.Row(row) + first, count);
        simd.Linear(
            x, new Matrix(weight.At(first * size.Inner), size.Inner * weight.Size), weight.Type,
            result.From(0, first * sizeof(float)), size with { Columns = count }, accumulate || bias.Data != null);
    }
}

/// <summary>Computes products of the same rows; the pieces are those of the first product, then those of the
/// next.</summary>
readonly struct LinearsWork(params LinearWork[] products) : IRangeWork
{
    public long Count => products.Sum(product => product.Count);

    public long StepsPerPiece => products[0].StepsPerPiece;

    public void Do(long start, long end)
    {
        var first = 0L;
        foreach (var product in products)
        {
            var (from, to) = (Math.Max(start, first) - first, Math.Min(end - first, product.Count));
            if (from < to)
                product.Do(from, to);
            first += product.Count;
        }
    }
}

/// <summary>Computes <see cref="Device.Rotate"/>; a piece is a position.</summary>
readonly unsafe struct RotateWork(Simd simd, HeadRows x, float* angles, HeadRows result) : IRangeWork
{
    public long Count => x.Rows;

    public long StepsPerPiece => (long)x.Count * x.Size;

    public void Do(long start, long end)
    {
        for (var position = start; position < end; position++)
            for (var head = 0; head < x.Count; head++)
                simd.Rotate(
                    x.Of(head, position).Row(0), angles + position * x.Size, result.Of(head, position).Row(0),
                    x.Size / 2, x.Size / 2);
    }
}
