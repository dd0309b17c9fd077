namespace RatIlgpu.Ilgpu;

static class AddKernel
{
    /// <summary>Every thread, from its place on in steps of the grid: <c>result = x + y</c>.</summary>
    public static void Run(ArrayView<float> x, ArrayView<float> y, ArrayView<float> result)
    {
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
            result[i] = x[i] + y[i];
    }
}
