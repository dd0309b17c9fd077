using BenchmarkDotNet.Attributes;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>The product with the largest layers' weights by two threads.</summary>
public class LinearOnTwoThreads : LinearLayer
{
    public override int Threads { get; set; } = 2;

    public override DataType Format { get; set; } = DataType.BF16;

    [ParamsSource(nameof(Weights))]
    public override WeightShape Weight { get; set; }

    [Params(1, 8, 32, 128, 512)]
    public override int Rows { get; set; }

    public static IEnumerable<WeightShape> Weights => WeightShape.Large;
}
