using BenchmarkDotNet.Attributes;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>The product with a linear layer's weights.</summary>
public abstract class LinearLayer : Kernel
{
    // More than any last cache holds: like the layers of a model, every call finds its weights in memory.
    const long WeightBytes = 256L << 20;

    CpuDevice device = null!;
    Tensor[] weights = [];
    Tensor x = null!;
    Tensor result = null!;
    int next;

    public abstract DataType Format { get; set; }

    public abstract WeightShape Weight { get; set; }

    public abstract int Rows { get; set; }

    public override double Operations => 2.0 * Rows * Weight.Outputs * Weight.Inputs;

    public override void Prepare()
    {
        var layers = (int)(WeightBytes / ((long)Weight.Outputs * Weight.Inputs * Format.Size()));
        var all = Random(Format, layers, Weight.Outputs, Weight.Inputs);
        weights = [.. Enumerable.Range(0, layers).Select(i => all.Slice(i, 1).Reshape(Weight.Outputs, Weight.Inputs))];
        device = Own(new CpuDevice(Threads, Level));
        (x, result) = (Random(DataType.F32, Rows, Weight.Inputs), Scratch(Rows, Weight.Outputs));
    }

    [Benchmark]
    public void Linear()
    {
        device.Linear(x, weights[next], null, result);
        next = (next + 1) % weights.Length;
    }
}
