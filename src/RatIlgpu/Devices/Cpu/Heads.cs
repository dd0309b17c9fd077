using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The rows of one tensor <c>[rows, heads, headSize]</c>, head by head.</summary>
readonly unsafe struct Heads(Tensor tensor)
{
    readonly float* data = (float*)HostDevice.Host(tensor).Data;

    public int Rows { get; } = tensor.Shape[0];

    public int Count { get; } = tensor.Shape[1];

    public int Size { get; } = tensor.Shape[2];

    /// <summary>The rows of one head from a row on.</summary>
    public Matrix Of(int head, long row) =>
        new(data + (row * Count + head) * Size, (nint)Count * Size * sizeof(float));
}
