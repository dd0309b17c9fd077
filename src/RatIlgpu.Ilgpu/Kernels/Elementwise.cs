namespace RatIlgpu.Ilgpu;

/// <summary>The threads of a whole grid: a thread computes every <see cref="Count"/>th number from
/// <see cref="First"/> on.</summary>
static class Threads
{
    public static long First => (long)Grid.IdxX * Group.DimX + Group.IdxX;

    public static long Count => (long)Grid.DimX * Group.DimX;
}

static class FillKernel
{
    /// <summary>One thread per number or several: <c>destination = value</c>.</summary>
    public static void Run(float value, ArrayView<float> destination)
    {
        for (var i = Threads.First; i < destination.Length; i += Threads.Count)
            destination[i] = value;
    }
}

static class AddKernel
{
    /// <summary>One thread per number or several: <c>result = x + y</c>.</summary>
    public static void Run(ArrayView<float> x, ArrayView<float> y, ArrayView<float> result)
    {
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
            result[i] = x[i] + y[i];
    }
}

static class SwiGluKernel
{
    /// <summary>One thread per number or several: <c>result = silu(gate) ⊙ up</c>.</summary>
    public static void Run(ArrayView<float> gate, ArrayView<float> up, ArrayView<float> result)
    {
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
            result[i] = Of(gate[i], up[i]);
    }

    /// <summary><c>silu(gate)·up</c>.</summary>
    public static float Of(float gate, float up) => gate / (1f + Maths.Exp(-gate)) * up;
}
