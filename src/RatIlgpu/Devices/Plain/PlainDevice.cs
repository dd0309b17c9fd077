using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Computes the operations as they are defined: one number at a time, sums in double, results rounded once to
/// F32. Tests compare every other device with it.</summary>
public sealed unsafe partial class PlainDevice : HostDevice
{
    /// <inheritdoc/>
    public override string Name => "plain";

    /// <inheritdoc/>
    public override string Description => "one number at a time, sums in double: slow, and what all others are held to";

    /// <inheritdoc/>
    public override int ThreadCount => 1;

    /// <inheritdoc/>
    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
        var (left, right, sum) = (new Numbers(x), new Numbers(y), new Numbers(result));
        for (long i = 0; i < result.Shape.Count; i++)
            sum[i] = left[i] + right[i];
    }

    /// <inheritdoc/>
    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
        var (a, b, gated) = (new Numbers(gate), new Numbers(up), new Numbers(result));
        for (long i = 0; i < result.Shape.Count; i++)
            gated[i] = a[i] / (1 + Math.Exp(-a[i])) * b[i];
    }

    /// <inheritdoc/>
    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
        var (numbers, picked, width) = (new Numbers(table), new Numbers(result), table.Shape.RowLength);
        for (var i = 0; i < rows.Length; i++)
            for (long j = 0; j < width; j++)
                picked[i * width + j] = numbers[rows[i] * width + j];
    }

    /// <inheritdoc/>
    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
        var (numbers, gains, normed) = (new Numbers(x), new Numbers(gain), new Numbers(result));
        var width = x.Shape.RowLength;
        for (var row = 0L; row < x.Shape.Count; row += width)
        {
            double squares = 0;
            for (var j = row; j < row + width; j++)
                squares += numbers[j] * numbers[j];
            var scale = 1 / Math.Sqrt(squares / width + epsilon);
            for (var j = 0L; j < width; j++)
                normed[row + j] = gains[j] * numbers[row + j] * scale;
        }
    }

    /// <inheritdoc/>
    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        var (rows, outputs, inputs) = (x.Shape[0], weight.Shape[0], weight.Shape.RowLength);
        var (numbers, weights, sums) = (new Numbers(x), new Numbers(weight), new Numbers(result));
        for (long row = 0; row < rows; row++)
            for (long output = 0; output < outputs; output++)
            {
                var at = row * outputs + output;
                var start = accumulate ? sums[at] : bias is null ? 0 : new Numbers(bias)[output];
                sums[at] = start + Dot(numbers, row * inputs, weights, output * inputs, inputs);
            }
    }

    /// <inheritdoc/>
    protected override void RotateCore(Tensor x, Tensor angles, Tensor result)
    {
        var (heads, half) = (x.Shape[1], x.Shape[2] / 2);
        var (numbers, turns, turned) = (new Numbers(x), new Numbers(angles), new Numbers(result));
        for (long head = 0; head < (long)x.Shape[0] * heads; head++)
            for (long m = 0; m < half; m++)
            {
                var (first, angle) = (head * 2 * half + m, head / heads * 2 * half + m);
                var (a, b, cos, sin) = (numbers[first], numbers[first + half], turns[angle], turns[angle + half]);
                turned[first] = a * cos - b * sin;
                turned[first + half] = b * cos + a * sin;
            }
    }

    static double Dot(Numbers x, long xStart, Numbers y, long yStart, long length)
    {
        double sum = 0;
        for (long i = 0; i < length; i++)
            sum += x[xStart + i] * y[yStart + i];
        return sum;
    }

    // The only code of the definition that depends on the data type.
    readonly struct Numbers(Tensor tensor)
    {
        readonly byte* data = Host(tensor).Data;
        readonly DataType format = tensor.DataType;

        public double this[long index]
        {
            get => format switch
            {
                DataType.F16 => (double)((Half*)data)[index],
                DataType.BF16 => BitConverter.UInt32BitsToSingle((uint)((ushort*)data)[index] << 16),
                _ => ((float*)data)[index],
            };
            set => ((float*)data)[index] = (float)value;
        }
    }
}
