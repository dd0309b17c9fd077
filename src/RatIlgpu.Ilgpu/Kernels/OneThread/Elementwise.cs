namespace RatIlgpu.Ilgpu;

/// <summary>The blocks of numbers that a share of an elementwise operation computes.</summary>
static class Blocks
{
    /// <summary>Returns the first number of this share.</summary>
    public static long First(long count) => Share.First((count + Leaf.Block - 1) / Leaf.Block) * Leaf.Block;

    /// <summary>Returns the number after the last of this share.</summary>
    public static long End(long count) =>
        IntrinsicMath.Min(count, Share.End((count + Leaf.Block - 1) / Leaf.Block) * Leaf.Block);

    /// <summary>Returns the length of the block that starts at a number.</summary>
    public static int Length(long start, long end) => (int)IntrinsicMath.Min(Leaf.Block, end - start);
}

static class FillOneThreadKernel
{
    /// <summary>One thread per share of the numbers: <c>result = value</c>, block by block.</summary>
    public static void Run(float value, ArrayView<float> result)
    {
        var end = Blocks.End(result.Length);
        for (var i = Blocks.First(result.Length); i < end; i += Leaf.Block)
            Leaf.Fill(value, result, i, Blocks.Length(i, end));
    }
}

static class AddOneThreadKernel
{
    /// <summary>One thread per share of the numbers: <c>result = x + y</c>, block by block.</summary>
    public static void Run(ArrayView<float> x, ArrayView<float> y, ArrayView<float> result)
    {
        var end = Blocks.End(result.Length);
        for (var i = Blocks.First(result.Length); i < end; i += Leaf.Block)
            Leaf.Add(x, i, y, i, result, i, Blocks.Length(i, end));
    }
}

static class SwiGluOneThreadKernel
{
    /// <summary>One thread per share of the numbers: <c>result = silu(gate) ⊙ up</c>, block by block.</summary>
    public static void Run(ArrayView<float> gate, ArrayView<float> up, ArrayView<float> result)
    {
        var end = Blocks.End(result.Length);
        for (var i = Blocks.First(result.Length); i < end; i += Leaf.Block)
            Leaf.SwiGlu(gate, i, up, i, result, i, Blocks.Length(i, end));
    }
}
