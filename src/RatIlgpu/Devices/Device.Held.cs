using RatIlgpu.Devices;

namespace RatIlgpu;

public abstract partial class Device
{
    // Weak: numbers that nobody refers to need not be rescued.
    readonly ConditionalWeakTable<HeldNumbers, object?> held = [];

    /// <summary>Remembers numbers in the memory of the device, which <see cref="RescueHeld"/> reads.</summary>
    internal void Hold(HeldNumbers numbers) => held.Add(numbers, null);

    /// <summary>Forgets numbers that have been read or disposed.</summary>
    internal void Forget(HeldNumbers numbers) => held.Remove(numbers);

    /// <summary>Reads the recorded numbers that still lie in the memory of the device, so that they outlive it. A
    /// device that frees its memory in <see cref="Dispose"/> calls this before.</summary>
    protected void RescueHeld()
    {
        foreach (var (numbers, _) in held.ToArray())
            numbers.Rescue();
    }
}
