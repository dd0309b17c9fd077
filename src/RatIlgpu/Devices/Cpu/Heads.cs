using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The rows of one tensor <c>[rows, heads, headSize]</c>, head by head.</summary>
readonly unsafe struct Heads(float* data, int rows, int count, int size)
{
    public Heads(Tensor tensor)
        : this((float*)HostDevice.Host(tensor).Data, tensor.Shape[0], tensor.Shape[1], tensor.Shape[2])
    {
    }

    public int Rows { get; } = rows;

    public int Count { get; } = count;

    public int Size { get; } = size;

    /// <summary>The rows of one head from a row on.</summary>
    public Matrix Of(int head, long row) =>
        new(data + (row * Count + head) * Size, (nint)Count * Size * sizeof(float));
}
