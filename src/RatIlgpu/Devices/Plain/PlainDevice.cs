using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Computes as the operations are defined: no vectors, no threads, no blocks; sums in double, results rounded
/// once to F32. The other devices are held to it.</summary>
public sealed unsafe partial class PlainDevice : HostDevice
{
    /// <inheritdoc/>
    public override string Name => "plain";

    /// <inheritdoc/>
    public override string Description => "one number at a time, sums in double: slow, and what all others are held to";

    /// <inheritdoc/>
    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
        var (left, right, sum) = (new Numbers(x), new Numbers(y), new Numbers(result));
        for (long i = 0; i < result.Shape.Count; i++)
            sum[i] = left[i] + right[i];
    }

    /// <inheritdoc/>
    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
        var (a, b, gated) = (new Numbers(gate), new Numbers(up), new Numbers(result));
        for (long i = 0; i < result.Shape.Count; i++)
            gated[i] = a[i] / (1 + Math.Exp(-a[i])) * b[i];
    }

    // The one place that knows how numbers are stored.
    readonly struct Numbers(Tensor tensor)
    {
        readonly byte* data = Host(tensor).Data;
        readonly DataType format = tensor.DataType;

        public double this[long index]
        {
            get => format switch
            {
                DataType.F16 => (double)((Half*)data)[index],
                DataType.BF16 => BitConverter.UInt32BitsToSingle((uint)((ushort*)data)[index] << 16),
                _ => ((float*)data)[index],
            };
            set => ((float*)data)[index] = (float)value;
        }
    }
}
