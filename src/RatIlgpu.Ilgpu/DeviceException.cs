namespace RatIlgpu.Ilgpu;

/// <summary>Reports that the driver of an accelerator failed while a device was in use, such as when a card was
/// lost, or that ILGPU could not compile a kernel for it.</summary>
/// <remarks>A driver without memory is reported by <see cref="InsufficientMemoryException"/> instead.</remarks>
/// <param name="message">One line with the device, and the driver's name of the error or the name of the
/// kernel.</param>
/// <param name="innerException">The exception of ILGPU.</param>
public sealed class DeviceException(string message, Exception innerException)
    : ExternalException(message, innerException);
