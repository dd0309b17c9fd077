using BenchmarkDotNet.Attributes;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>Something to time, at the level that <c>RATILGPU_SIMD</c> forces.</summary>
public abstract class Kernel
{
    readonly List<IDisposable> owned = [];

    /// <summary>How many threads compute.</summary>
    public virtual int Threads { get; set; } = 1;

    /// <summary>The floating point operations of a call, two for each multiply-add; 0 where they are not the point.
    /// </summary>
    public virtual double Operations => 0;

    internal static SimdLevel Level { get; } =
        SimdLevels.Choose(null, Environment.GetEnvironmentVariable(SimdLevels.Variable));

    private protected static Simd Loops => Simd.At(Level);

    [GlobalSetup]
    public abstract void Prepare();

    [GlobalCleanup]
    public void Free()
    {
        foreach (var one in owned)
            one.Dispose();
        owned.Clear();
    }

    /// <summary>Has something disposed after the last call.</summary>
    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        owned.Add(disposable);
        return disposable;
    }

    /// <summary>A tensor with numbers in [-1, 1), always the same.</summary>
    protected HostTensor Random(DataType format, params ReadOnlySpan<int> shape) =>
        Own(RandomTensor.Make(format, new Shape(shape)));

    /// <summary>A tensor to write to, whose pages are there.</summary>
    protected HostTensor Scratch(params ReadOnlySpan<int> shape)
    {
        var scratch = Own(HostTensor.Allocate(new Shape(shape)));
        scratch.Floats.Clear();
        return scratch;
    }
}
