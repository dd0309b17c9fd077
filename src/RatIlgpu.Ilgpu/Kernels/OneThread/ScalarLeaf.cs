using System.Reflection;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>The bodies of the <see cref="Leaf">leaves</see> for PTX and OpenCL, one number after the other, under the
/// same names.</summary>
static class ScalarLeaf
{
    /// <summary>Gets the leaves.</summary>
    public static IEnumerable<MethodInfo> Leaves => typeof(Leaf).GetMethods()
        .Where(method => method.IsDefined(typeof(IntrinsicImplementationAttribute)));

    /// <summary>Registers the PTX and OpenCL implementations of the leaves.</summary>
    public static void Register(Context context)
    {
        var manager = context.GetIntrinsicManager();
        foreach (var leaf in Leaves)
        {
            const IntrinsicImplementationMode Mode = IntrinsicImplementationMode.Redirect;
            manager.RegisterMethod(leaf, new PTXIntrinsic(typeof(ScalarLeaf), leaf.Name, Mode));
            manager.RegisterMethod(leaf, new CLIntrinsic(typeof(ScalarLeaf), leaf.Name, Mode));
        }
    }

    public static void Tile(
        ArrayView<float> x, long atX, ArrayView<byte> weight, long atWeight, ArrayView<float> result, long atResult,
        TileStrides strides, Tile tile)
    {
        for (var row = 0; row < tile.Rows; row++)
            for (var column = 0; column < tile.Columns; column++)
            {
                var at = atResult + row * strides.Result + column;
                var sum = 0f;
                for (var k = 0; k < tile.Inner; k++)
                    sum = Fused.MultiplyAdd(
                        x[atX + row * strides.X + k],
                        Stored(weight, atWeight + column * strides.Weight, strides.Format, k), sum);
                result[at] = tile.Accumulate != 0 ? result[at] + sum : sum;
            }
    }

    public static void Mix(
        ArrayView<float> pattern, long atPattern, ArrayView<float> value, long atValue, long valueStride,
        ArrayView<float> result, long atResult, int width, int keys)
    {
        for (var m = 0; m < width; m++)
        {
            var sum = 0f;
            for (var k = 0; k < keys; k++)
                sum = Fused.MultiplyAdd(pattern[atPattern + k], value[atValue + k * valueStride + m], sum);
            result[atResult + m] += sum;
        }
    }

    public static void Widen(
        ArrayView<byte> numbers, long atNumbers, int format, ArrayView<float> result, long atResult, int count)
    {
        for (var i = 0; i < count; i++)
            result[atResult + i] = Stored(numbers, atNumbers, format, i);
    }

    public static void Fill(float value, ArrayView<float> result, long atResult, int count)
    {
        for (var i = 0; i < count; i++)
            result[atResult + i] = value;
    }

    public static void Add(
        ArrayView<float> x, long atX, ArrayView<float> y, long atY, ArrayView<float> result, long atResult, int count)
    {
        for (var i = 0; i < count; i++)
            result[atResult + i] = x[atX + i] + y[atY + i];
    }

    public static void AddScaled(
        ArrayView<float> x, long atX, float factor, ArrayView<float> result, long atResult, int count)
    {
        for (var i = 0; i < count; i++)
            result[atResult + i] = Fused.MultiplyAdd(x[atX + i], factor, result[atResult + i]);
    }

    public static void Maximize(ArrayView<float> x, long atX, ArrayView<float> result, long atResult, int count)
    {
        for (var i = 0; i < count; i++)
            result[atResult + i] = Maths.MaxOrNaN(result[atResult + i], x[atX + i]);
    }

    public static void Scale(
        ArrayView<float> x, long atX, float factor, ArrayView<float> result, long atResult, int count)
    {
        for (var i = 0; i < count; i++)
            result[atResult + i] = x[atX + i] * factor;
    }

    public static void ScaleEach(
        ArrayView<float> x, long atX, ArrayView<float> gain, long atGain, RowScale factor, ArrayView<float> result,
        long atResult, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var number = x[atX + i];
            result[atResult + i] = Fused.MultiplyAdd(number, factor.High, number * factor.Low) * gain[atGain + i];
        }
    }

    public static void SwiGlu(
        ArrayView<float> gate, long atGate, ArrayView<float> up, long atUp, ArrayView<float> result, long atResult,
        int count)
    {
        for (var i = 0; i < count; i++)
            result[atResult + i] = SwiGluKernel.Of(gate[atGate + i], up[atUp + i]);
    }

    public static void Rotate(
        ArrayView<float> x, long atX, ArrayView<float> angles, long atAngles, ArrayView<float> result, long atResult,
        int half, int count)
    {
        for (var m = 0; m < count; m++)
        {
            var (a, b) = (x[atX + m], x[atX + half + m]);
            var (cos, sin) = (angles[atAngles + m], angles[atAngles + half + m]);
            result[atResult + m] = RotateKernel.Low(a, b, cos, sin);
            result[atResult + half + m] = RotateKernel.High(a, b, cos, sin);
        }
    }

    public static RowScale ScaleOf(ArrayView<float> x, long atX, int count, float epsilon)
    {
        var squares = 0f;
        for (var i = 0; i < count; i++)
            squares = Fused.MultiplyAdd(x[atX + i], x[atX + i], squares);
        return new() { High = Maths.InverseOfRoot(squares / count + epsilon) };
    }

    public static float Largest(ArrayView<float> x, long atX, int count)
    {
        var largest = float.NegativeInfinity;
        for (var i = 0; i < count; i++)
            largest = IntrinsicMath.Max(largest, x[atX + i]);
        return largest;
    }

    public static float Exponentials(ArrayView<float> x, long atX, float shift, int count)
    {
        var sum = 0f;
        for (var i = 0; i < count; i++)
        {
            x[atX + i] = Maths.Exp(x[atX + i] - shift);
            sum += x[atX + i];
        }

        return sum;
    }

    public static int EndOf(ArrayView<float> x, long atX, int count)
    {
        var end = count;
        while (end > 0 && x[atX + end - 1] == 0f)
            end--;
        return end;
    }

    public static float SumCells(
        ArrayView<float> pattern, long atPattern, ArrayView<int> cells, ArrayView<float> weights, long first,
        int count)
    {
        var sum = 0f;
        for (var i = first; i < first + count; i++)
            sum = Fused.MultiplyAdd(weights[i], pattern[atPattern + cells[i]], sum);
        return sum;
    }

    public static float Entropy(ArrayView<float> x, long atX, int count)
    {
        var sum = 0f;
        for (var i = 0; i < count; i++)
            sum += EntropyKernel.Of(x[atX + i]);
        return sum;
    }

    public static float Nearness(
        ArrayView<float> whole, long atWhole, ArrayView<float> part, long atPart, int count)
    {
        var sum = 0f;
        for (var i = 0; i < count; i++)
            sum += FlowSizes.Nearness(whole[atWhole + i], part[atPart + i]);
        return sum;
    }

    // A number of a row whose first byte is given, as F32.
    static float Stored(ArrayView<byte> numbers, long at, int format, int k)
    {
        if (format == (int)DataType.F16)
            return default(FromF16).ToF32(numbers.Cast<ushort>()[at / sizeof(ushort) + k]);
        if (format == (int)DataType.BF16)
            return default(FromBF16).ToF32(numbers.Cast<ushort>()[at / sizeof(ushort) + k]);
        return numbers.Cast<float>()[at / sizeof(float) + k];
    }
}
