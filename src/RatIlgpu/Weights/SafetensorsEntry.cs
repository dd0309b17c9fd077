using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>What the header of a safetensors file says of one tensor.</summary>
/// <param name="Name">The name.</param>
/// <param name="Format">How the numbers are stored.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Start">The first byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last one, counted likewise.</param>
sealed record SafetensorsEntry(string Name, StoredFormat Format, Shape Shape, long Start, long End);
