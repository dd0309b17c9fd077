using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <content>Sums over patterns.</content>
sealed unsafe partial class Simd<TLanes, TColumns>
{
    // A lane adds so many numbers in F32; a double adds up the lanes.
    const int EntropyVectors = 64;

    // In double at every level: it takes no longer than F32, since a processor waits for the cells.
    [MethodImpl(AggressiveOptimization)]
    public override double SumCells(float* pattern, int* cells, float* weights, nint count)
    {
        double a = 0, b = 0, c = 0, d = 0;
        nint i = 0;
        for (; i <= count - 4; i += 4)
        {
            a += (double)weights[i] * pattern[cells[i]];
            b += (double)weights[i + 1] * pattern[cells[i + 1]];
            c += (double)weights[i + 2] * pattern[cells[i + 2]];
            d += (double)weights[i + 3] * pattern[cells[i + 3]];
        }

        for (; i < count; i++)
            a += (double)weights[i] * pattern[cells[i]];
        return a + b + (c + d);
    }

    [MethodImpl(AggressiveOptimization)]
    public override double Entropy(float* x, nint count)
    {
        double sum = 0;
        var negative = TLanes.Of(0);
        nint i = 0;
        for (var whole = count - count % TLanes.Count; i < whole;)
        {
            var lanes = TLanes.Of(0);
            for (var end = Math.Min(whole, i + EntropyVectors * TLanes.Count); i < end; i += TLanes.Count)
                lanes = AddTerm(TLanes.LoadF32(x + i), lanes, ref negative);
            sum += TLanes.Sum(lanes);
        }

        if (i < count)
        {
            // Zeros add nothing.
            var rest = stackalloc float[TLanes.Count];
            new Span<float>(rest, TLanes.Count).Clear();
            new ReadOnlySpan<float>(x + i, (int)(count - i)).CopyTo(new(rest, TLanes.Count));
            sum += TLanes.Sum(AddTerm(TLanes.LoadF32(rest), TLanes.Of(0), ref negative));
        }

        return TLanes.Largest(negative) > 0 ? double.NaN : 0 - sum;
    }

    // p ln p is 0 for p = 0; a tiny number stands for it, since 0 has no logarithm.
    [MethodImpl(AggressiveInlining)]
    static TLanes AddTerm(TLanes p, TLanes sum, ref TLanes negative)
    {
        negative = TLanes.Max(negative, p * TLanes.Of(-1));
        return TLanes.MultiplyAdd(p, Logarithm.Of(TLanes.Max(TLanes.Of(Logarithm.Smallest), p)), sum);
    }
}
