using RatIlgpu.Tensors;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>The loops, written once for lanes; the numbers at the end that do not fill a vector go through a single
/// lane.</summary>
/// <typeparam name="TLanes">The lanes.</typeparam>
/// <typeparam name="TColumns">The columns of a tile of products, as many as fit the registers.</typeparam>
sealed unsafe partial class Simd<TLanes, TColumns> : Simd
    where TLanes : struct, ILanes<TLanes>
    where TColumns : struct, ICount
{
    const nint SquaresBlock = 63;

    // A chain waits four cycles for each multiply-add, and a core starts two in a cycle: eight chains keep it busy,
    // twelve leave a margin and fit the registers.
    const int Chains = 12;

    public override SimdLevel Level => TLanes.Count switch
    {
        16 => SimdLevel.Vector512,
        8 => SimdLevel.Vector256,
        4 => SimdLevel.Vector128,
        _ => SimdLevel.Scalar,
    };

    public override void Widen(byte* numbers, DataType format, float* result, nint count)
    {
        switch (format)
        {
            case DataType.F16: Each(count, new WidenStep<F16>(numbers, result)); break;
            case DataType.BF16: Each(count, new WidenStep<BF16>(numbers, result)); break;
            default: Each(count, new WidenStep<F32>(numbers, result)); break;
        }
    }

    public override void Add(float* x, float* y, float* result, nint count) => Each(count, new AddStep(x, y, result));

    public override void AddScaled(float* x, float factor, float* result, nint count) =>
        Each(count, new AddScaledStep(x, factor, result));

    public override void Maximize(float* x, float* result, nint count) => Each(count, new MaximizeStep(x, result));

    public override void Scale(float* x, float factor, float* result, nint count) =>
        Each(count, new ScaleStep(x, factor, result));

    public override void ScaleEach(float* x, float* gain, double factor, float* result, nint count) =>
        Each(count, new ScaleEachStep(x, gain, (float)factor, (float)(factor - (float)factor), result));

    public override void SwiGlu(float* gate, float* up, float* result, nint count)
    {
        var rest = count % TLanes.Count;
        Each(count - rest, new SwiGluStep(gate, up, result));
        if (rest == 0)
            return;
        // In vectors, too: an exponential of one lane has other roundings, and which numbers come last depends on the
        // rows beside them.
        var scratch = stackalloc float[2 * TLanes.Count];
        Span<float> gates = new(scratch, TLanes.Count), ups = new(scratch + TLanes.Count, TLanes.Count);
        gates.Clear();
        ups.Clear();
        new Span<float>(gate + count - rest, (int)rest).CopyTo(gates);
        new Span<float>(up + count - rest, (int)rest).CopyTo(ups);
        Each(TLanes.Count, new SwiGluStep(scratch, scratch + TLanes.Count, scratch));
        gates[..(int)rest].CopyTo(new Span<float>(result + count - rest, (int)rest));
    }

    public override void Rotate(float* x, float* angles, float* result, nint half, nint count) =>
        Each(count, new RotateStep(x, angles, result, half));

    [MethodImpl(AggressiveOptimization)]
    public override double SumOfSquares(float* x, nint count)
    {
        double sum = 0;
        nint i = 0;
        while (i <= count - TLanes.Count)
        {
            // Each lane adds up to 63 squares in F32; a double adds up the lanes.
            var lanes = TLanes.Of(0);
            for (var end = Math.Min(count - TLanes.Count, i + SquaresBlock); i <= end; i += TLanes.Count)
                lanes = TLanes.MultiplyAdd(TLanes.LoadF32(x + i), TLanes.LoadF32(x + i), lanes);
            sum += TLanes.Sum(lanes);
        }

        for (; i < count; i++)
            sum += (double)x[i] * x[i];
        return sum;
    }

    [MethodImpl(AggressiveOptimization)]
    public override float Largest(float* x, nint count)
    {
        nint i = 0;
        var lanes = TLanes.Of(float.NegativeInfinity);
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            lanes = TLanes.Max(lanes, TLanes.LoadF32(x + i));
        var largest = TLanes.Largest(lanes);
        for (; i < count; i++)
            largest = Math.Max(largest, x[i]);
        return largest;
    }

    [MethodImpl(AggressiveOptimization)]
    public override float Exponentials(float* x, float shift, nint count)
    {
        nint i = 0;
        var lanes = TLanes.Of(0);
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            var exponentials = Exponential.Of(TLanes.LoadF32(x + i) + TLanes.Of(-shift));
            exponentials.Store(x + i);
            lanes += exponentials;
        }

        var sum = TLanes.Sum(lanes);
        for (; i < count; i++)
        {
            Exponential.Of(ScalarLanes.Of(x[i] - shift)).Store(x + i);
            sum += x[i];
        }

        return sum;
    }

    [MethodImpl(AggressiveOptimization)]
    public override long MultiplyAddRegisters(int steps)
    {
        TLanes x = TLanes.Of(0.999f), y = TLanes.Of(1e-3f);
        TLanes a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var step = 0; step < steps; step++)
        {
            a = TLanes.MultiplyAdd(a, x, y);
            b = TLanes.MultiplyAdd(b, x, y);
            c = TLanes.MultiplyAdd(c, x, y);
            d = TLanes.MultiplyAdd(d, x, y);
            e = TLanes.MultiplyAdd(e, x, y);
            f = TLanes.MultiplyAdd(f, x, y);
            g = TLanes.MultiplyAdd(g, x, y);
            h = TLanes.MultiplyAdd(h, x, y);
            i = TLanes.MultiplyAdd(i, x, y);
            j = TLanes.MultiplyAdd(j, x, y);
            k = TLanes.MultiplyAdd(k, x, y);
            l = TLanes.MultiplyAdd(l, x, y);
        }

        // Without a use of the sums the JIT could drop the chains.
        GC.KeepAlive(TLanes.Sum(a + b + c + d + e + f + g + h + i + j + k + l));
        return 2L * Chains * steps * TLanes.Count;
    }

    [MethodImpl(AggressiveOptimization)]
    static void Each<TStep>(nint count, TStep step)
        where TStep : struct, IStep
    {
        nint i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            step.At<TLanes>(i);
        for (; i < count; i++)
            step.At<ScalarLanes>(i);
    }
}
