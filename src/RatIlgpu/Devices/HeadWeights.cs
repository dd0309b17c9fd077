using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The weights that make the queries, keys or values of attention heads.</summary>
/// <param name="Weight"><c>[heads · headSize, inputs]</c>, F32, F16 or BF16; the rows of a head lie together.</param>
/// <param name="Bias"><c>[heads · headSize]</c>, F32, F16 or BF16; null for no bias.</param>
/// <param name="Norm">The norm of each head between product and rotation; null for none. Qwen2 has none, its successor
/// has one for queries and one for keys.</param>
public readonly record struct HeadWeights(Tensor Weight, Tensor? Bias, HeadNorm? Norm = null);

/// <summary>A norm of each head: <see cref="Device.RmsNorm"/> with the numbers of a head as the row.</summary>
/// <param name="Gain"><c>[headSize]</c>, F32, F16 or BF16.</param>
/// <param name="Epsilon">Added to the mean square; positive.</param>
public readonly record struct HeadNorm(Tensor Gain, float Epsilon);
