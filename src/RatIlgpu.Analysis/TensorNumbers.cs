namespace RatIlgpu.Analysis;

/// <summary>Reads the numbers of a tensor of a file in double.</summary>
static class TensorNumbers
{
    /// <summary>Returns all numbers of a tensor, row by row.</summary>
    public static double[] Read(HostTensor tensor)
    {
        var count = checked((int)tensor.Shape.Count);
        return tensor.DataType switch
        {
            DataType.F64 => tensor.AsSpan<double>(0, count).ToArray(),
            DataType.F32 => [.. tensor.AsSpan<float>(0, count).ToArray().Select(value => (double)value)],
            DataType.F16 => [.. tensor.AsSpan<Half>(0, count).ToArray().Select(value => (double)value)],
            _ =>
            [
                .. tensor.AsSpan<ushort>(0, count).ToArray()
                    .Select(bits => (double)BitConverter.UInt32BitsToSingle((uint)bits << 16)),
            ],
        };
    }
}
