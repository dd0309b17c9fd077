namespace RatIlgpu.Devices;

/// <summary><see cref="Device.Linear"/> and <see cref="Device.AddLinear"/>; a piece is twelve outputs of all
/// rows.</summary>
/// <param name="simd">The loops.</param>
/// <param name="x">The rows, F32.</param>
/// <param name="weight">A row for each output.</param>
/// <param name="bias">A number for each output; without data for none.</param>
/// <param name="accumulate">Whether to add to what is there.</param>
/// <param name="result">The rows, F32.</param>
/// <param name="extent">Rows, outputs and inputs.</param>
readonly unsafe struct LinearWork(
    Simd simd, Matrix x, Stored weight, Stored bias, bool accumulate, Matrix result, Extent extent) : IRangeWork
{
    // Every tile has a divisor of this many outputs: 4, 3 or 2.
    const int OutputUnit = 12;

    public long Count => (extent.Columns + OutputUnit - 1) / OutputUnit;

    public long StepsPerPiece => OutputUnit * extent.Inner * (4L + extent.Rows) / 4;

    public void Do(long start, long end)
    {
        var first = (nint)start * OutputUnit;
        var count = Math.Min((nint)end * OutputUnit, extent.Columns) - first;
        if (bias.Data != null)
            for (var row = 0; row < extent.Rows; row++)
                simd.Widen(bias.At(first), bias.Format, result.Row(row) + first, count);
        simd.Linear(
            x, new Matrix(weight.At(first * extent.Inner), extent.Inner * weight.Size), weight.Format,
            result.From(0, first * sizeof(float)), extent with { Columns = count }, accumulate || bias.Data != null);
    }
}
