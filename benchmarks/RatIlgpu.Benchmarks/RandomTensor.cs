using RatIlgpu.Tensors;

namespace RatIlgpu.Benchmarks;

/// <summary>Makes tensors of random numbers.</summary>
static unsafe class RandomTensor
{
    // Random enough, and soon made; what comes after is the same again.
    const int Period = 1 << 20;

    /// <summary>Returns a tensor with numbers in [-1, 1), always the same.</summary>
    public static HostTensor Make(DataType format, Shape shape)
    {
        var tensor = HostTensor.Allocate(shape, format);
        var (size, random) = (format.Size(), new Random(7));
        for (long i = 0; i < Math.Min(Period, shape.Count); i++)
            Put(tensor.Data + i * size, format, 2 * random.NextSingle() - 1);
        for (long start = Period, count; start < shape.Count; start += count)
        {
            count = Math.Min(Period, shape.Count - start);
            Buffer.MemoryCopy(tensor.Data, tensor.Data + start * size, count * size, count * size);
        }

        return tensor;
    }

    static void Put(byte* place, DataType format, float number)
    {
        switch (format)
        {
            case DataType.F32:
                *(float*)place = number;
                break;
            case DataType.F16:
                *(Half*)place = (Half)number;
                break;
            case DataType.BF16:
                *(ushort*)place = (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);
                break;
            default:
                throw new ArgumentException($"{format} are no weights, expected F32, F16 or BF16.", nameof(format));
        }
    }
}
