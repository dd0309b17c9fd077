namespace RatIlgpu.Ilgpu;

/// <summary>A piece of hardware that ILGPU can, or could, compute on.</summary>
/// <param name="Name">What <c>--device</c> calls it, such as <c>cuda:0</c>.</param>
/// <param name="Description">What it is and how much memory it has; or why it cannot be used.</param>
/// <param name="IsUsable">Whether a device can be opened on it.</param>
/// <param name="MemoryBytes">The memory it has of its own; 0 where it has none or cannot be used.</param>
public sealed record AcceleratorInfo(string Name, string Description, bool IsUsable, long MemoryBytes = 0);
