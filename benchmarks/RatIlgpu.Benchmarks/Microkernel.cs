using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>A product so small that rows and weights stay in the caches next to the core.</summary>
public unsafe class Microkernel : Kernel
{
    const int Outputs = 32;
    const int Inputs = 896;

    readonly Simd simd = Loops;
    HostTensor x = null!;
    HostTensor weight = null!;
    HostTensor result = null!;

    [Params(DataType.BF16, DataType.F16, DataType.F32)]
    public DataType Format { get; set; }

    [Params(1, 4, 5, 20)]
    public int Rows { get; set; }

    public override double Operations => 2.0 * Rows * Outputs * Inputs;

    public override void Prepare() =>
        (x, weight, result) =
            (Random(DataType.F32, Rows, Inputs), Random(Format, Outputs, Inputs), Scratch(Rows, Outputs));

    [Benchmark]
    public void Linear() => simd.Linear(
        Matrix.Packed((float*)x.Data, Inputs), new Matrix(weight.Data, Inputs * Format.Size()), Format,
        Matrix.Packed((float*)result.Data, Outputs), new ProductSize(Rows, Outputs, Inputs), accumulate: false);
}
