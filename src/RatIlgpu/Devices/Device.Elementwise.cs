using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Adds two tensors: <c>result = x + y</c>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="y">The shape of <paramref name="x"/>.</param>
    /// <param name="result">The shape of <paramref name="x"/>; may be <paramref name="x"/> or
    /// <paramref name="y"/>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void Add(Tensor x, Tensor y, Tensor result)
    {
        NeedFloats(y, x.Shape, nameof(Add), nameof(y));
        NeedFloats(result, x.Shape, nameof(Add), nameof(result));
        NeedFloats(x, nameof(Add), nameof(x));
        AddCore(x, y, result);
        KeepAlive(x, y, result);
    }

    /// <summary>Computes the gated activations of an MLP: <c>result = silu(gate) ⊙ up</c>, <c>silu(a) = a / (1 +
    /// e^(−a))</c>.</summary>
    /// <param name="gate">Any shape.</param>
    /// <param name="up">The shape of <paramref name="gate"/>.</param>
    /// <param name="result">The shape of <paramref name="gate"/>; may be <paramref name="gate"/> or
    /// <paramref name="up"/>.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    /// <remarks>Shazeer, GLU Variants Improve Transformer, 2020.</remarks>
    public void SwiGlu(Tensor gate, Tensor up, Tensor result)
    {
        NeedFloats(up, gate.Shape, nameof(SwiGlu), nameof(up));
        NeedFloats(result, gate.Shape, nameof(SwiGlu), nameof(result));
        NeedFloats(gate, nameof(SwiGlu), nameof(gate));
        SwiGluCore(gate, up, result);
        KeepAlive(gate, up, result);
    }

    /// <summary>Copies a tensor.</summary>
    /// <param name="source">Any shape.</param>
    /// <param name="destination">The shape of <paramref name="source"/>; must not overlap it.</param>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void Copy(Tensor source, Tensor destination)
    {
        NeedFloats(destination, source.Shape, nameof(Copy), nameof(destination));
        NeedFloats(source, nameof(Copy), nameof(source));
        CopyCore(source, destination);
        KeepAlive(source, destination);
    }

    /// <summary>Sets every number of a tensor.</summary>
    /// <param name="value">The number.</param>
    /// <param name="destination">Any shape.</param>
    /// <exception cref="ArgumentException">The data type is not F32.</exception>
    public void Fill(float value, Tensor destination)
    {
        NeedFloats(destination, nameof(Fill), nameof(destination));
        FillCore(value, destination);
        KeepAlive(destination);
    }

    /// <summary>Computes <see cref="Add"/>.</summary>
    protected abstract void AddCore(Tensor x, Tensor y, Tensor result);

    /// <summary>Computes <see cref="SwiGlu"/>.</summary>
    protected abstract void SwiGluCore(Tensor gate, Tensor up, Tensor result);

    /// <summary>Computes <see cref="Copy"/>.</summary>
    protected abstract void CopyCore(Tensor source, Tensor destination);

    /// <summary>Computes <see cref="Fill"/>.</summary>
    protected abstract void FillCore(float value, Tensor destination);
}
