using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

sealed unsafe partial class Simd<TLanes, TColumns>
{
    [MethodImpl(AggressiveOptimization)]
    public override float LargestBesidesNaN(float* x, nint count)
    {
        nint i = 0;
        var lanes = TLanes.Of(float.NegativeInfinity);
        // The second is kept where one of two is NaN.
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            lanes = TLanes.Max(TLanes.LoadF32(x + i), lanes);
        var largest = TLanes.Largest(lanes);
        for (; i < count; i++)
            if (x[i] > largest)
                largest = x[i];
        return largest;
    }
}
