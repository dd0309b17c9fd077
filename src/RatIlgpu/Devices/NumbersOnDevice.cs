using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>A tensor of numbers that a device holds or has loaded.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public sealed class NumbersOnDevice : IDisposable
{
    Action? release;

    internal NumbersOnDevice(Tensor tensor, Action release) => (Tensor, this.release) = (tensor, release);

    /// <summary>Gets the numbers, <c>[rows, width]</c>; valid until <see cref="Dispose"/>.</summary>
    public Tensor Tensor { get; }

    /// <summary>Frees the tensor, unless its numbers are still held.</summary>
    public void Dispose() => Interlocked.Exchange(ref release, null)?.Invoke();
}
