using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

/// <summary>The sizes of a linear layer and the formats of its weights; a kernel's parameter.</summary>
struct LinearSizes
{
    public int Rows;
    public int Outputs;
    public int Inputs;
    public DataType WeightFormat;
    public DataType BiasFormat;

    /// <summary>Not 0 to add to what is there; a kernel's parameter may hold no bool.</summary>
    public int Accumulate;
}
