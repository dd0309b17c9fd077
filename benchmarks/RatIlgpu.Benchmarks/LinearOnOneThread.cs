using BenchmarkDotNet.Attributes;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>The product with each linear layer's weights, in each format, by one thread.</summary>
public class LinearOnOneThread : LinearLayer
{
    [Params(DataType.BF16, DataType.F16, DataType.F32)]
    public override DataType Format { get; set; }

    [ParamsSource(nameof(Weights))]
    public override WeightShape Weight { get; set; }

    [Params(1, 8, 32, 128, 512, 2048)]
    public override int Rows { get; set; }

    public static IEnumerable<WeightShape> Weights => WeightShape.All;
}
