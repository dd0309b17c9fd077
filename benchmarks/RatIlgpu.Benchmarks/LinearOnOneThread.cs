using BenchmarkDotNet.Attributes;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>The product with each linear layer's weights, in each format, by one thread.</summary>
public class LinearOnOneThread : LinearLayer
{
    [Params(NumberFormat.BF16, NumberFormat.F16, NumberFormat.F32)]
    public override NumberFormat Format { get; set; }

    [ParamsSource(nameof(Weights))]
    public override WeightShape Weight { get; set; }

    [Params(1, 8, 32, 128, 512, 2048)]
    public override int Rows { get; set; }

    public static IEnumerable<WeightShape> Weights => WeightShape.All;
}
