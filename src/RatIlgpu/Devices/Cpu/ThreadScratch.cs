using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>Memory for the products of one thread, kept from one product to the next: the system takes as long to hand
/// out and clear a new megabyte as a product takes to fill it.</summary>
static unsafe class ThreadScratch
{
    [ThreadStatic]
    static HostTensor? numbers;

    /// <summary>Returns memory for at least <paramref name="count"/> numbers, which are not set. It is valid until this
    /// thread asks again.</summary>
    public static float* Floats(nint count)
    {
        if (numbers is null || numbers.Shape.Count < count)
        {
            numbers?.Dispose();
            // A thread goes on without memory if there is not that much.
            numbers = null;
            numbers = HostTensor.Allocate(new Shape(checked((int)count)));
        }

        return (float*)numbers.Data;
    }
}
