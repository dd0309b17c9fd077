namespace RatIlgpu.Devices;

/// <summary><see cref="Device.RmsNorm"/>; a piece is a row.</summary>
/// <param name="simd">The loops.</param>
/// <param name="x">The rows.</param>
/// <param name="gain">As many numbers as a row has, F32.</param>
/// <param name="epsilon">Added to the mean square.</param>
/// <param name="result">The rows normed.</param>
/// <param name="extent">Rows and columns.</param>
readonly unsafe struct RmsNormWork(Simd simd, Matrix x, float* gain, float epsilon, Matrix result, Extent extent)
    : IRangeWork
{
    public long Count => extent.Rows;

    public long StepsPerPiece => extent.Columns;

    public void Do(long start, long end)
    {
        for (var row = (nint)start; row < end; row++)
        {
            // In double: a rounding of the scale would be the same in every number of the row, and add up in every
            // product with it.
            var scale = 1 / Math.Sqrt(simd.SumOfSquares(x.Row(row), extent.Columns) / extent.Columns + epsilon);
            simd.ScaleEach(x.Row(row), gain, scale, result.Row(row), extent.Columns);
        }
    }
}
