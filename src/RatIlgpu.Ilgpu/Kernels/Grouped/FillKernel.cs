namespace RatIlgpu.Ilgpu;

static class FillKernel
{
    /// <summary>Every thread, from its place on in steps of the grid: <c>destination = value</c>.</summary>
    public static void Run(float value, ArrayView<float> destination)
    {
        for (var i = Threads.First; i < destination.Length; i += Threads.Count)
            destination[i] = value;
    }
}
