using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

public sealed unsafe partial class PlainDevice
{
    /// <inheritdoc/>
    protected override void TopCore(
        Tensor rows, Tensor? mask, int count, Span<int> indices, Span<float> values, Span<double> logSums)
    {
        var width = rows.Shape[1];
        for (var row = 0; row < rows.Shape[0]; row++)
        {
            var numbers = FloatsOf(rows) + (long)row * width;
            // A stable sort: of equal numbers the smaller index first.
            int[] best =
            [
                .. Enumerable.Range(0, width).Where(i => !float.IsNaN(numbers[i]) && IsChosen(i))
                    .OrderByDescending(i => numbers[i]).Take(count),
            ];
            for (var rank = 0; rank < count; rank++)
            {
                var hasOne = rank < best.Length;
                indices[row * count + rank] = hasOne ? best[rank] : -1;
                values[row * count + rank] = hasOne ? numbers[best[rank]] : float.NegativeInfinity;
            }

            if (!logSums.IsEmpty)
                logSums[row] = LogSumExp(new(numbers, width));
        }

        bool IsChosen(int index) => mask is null || new Numbers(mask)[index] != 0;
    }
}
