namespace RatIlgpu.Ilgpu;

/// <summary>Describes an accelerator of this machine, or the reason why ILGPU cannot use one.</summary>
/// <param name="Name">The name for <c>--device</c>, such as <c>cuda:0</c>.</param>
/// <param name="Description">The hardware and its memory; or the reason why it cannot be used.</param>
/// <param name="IsUsable">True if <see cref="IlgpuDevices.Open"/> can open a device on it.</param>
/// <param name="MemoryBytes">Its own memory in bytes; 0 if it has none or cannot be used.</param>
public sealed record AcceleratorInfo(string Name, string Description, bool IsUsable, long MemoryBytes = 0);
