namespace RatIlgpu.Ilgpu;

static class SwiGluKernel
{
    /// <summary>Every thread, from its place on in steps of the grid: <c>result = silu(gate) ⊙ up</c>.</summary>
    public static void Run(ArrayView<float> gate, ArrayView<float> up, ArrayView<float> result)
    {
        for (var i = Threads.First; i < result.Length; i += Threads.Count)
            result[i] = gate[i] / (1f + Maths.Exp(-gate[i])) * up[i];
    }
}
