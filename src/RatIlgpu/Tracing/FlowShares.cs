using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>The product of the rows of all layers so far: which share of each position comes from each token of the
/// prompt. Two squares of the prompt are held, however many layers there are.</summary>
/// <param name="device">The device that multiplies.</param>
/// <param name="length">The number of positions.</param>
sealed class FlowShares(Device device, int length) : IDisposable
{
    Tensor? below;
    Tensor current = device.Allocate(length, length);

    /// <summary>Adds the rows of neighbouring positions of a layer.</summary>
    /// <param name="rows"><c>[positions, keys]</c>, where the last position is that of the last key.</param>
    /// <param name="numbers">The same numbers.</param>
    public void Add(Tensor rows, ReadOnlySpan<float> numbers)
    {
        var (count, keys) = (rows.Shape[0], rows.Shape[1]);
        var result = current.Slice(keys - count, count);
        if (below is not null)
        {
            device.Mix(
                rows.Reshape(1, count, keys), below.Slice(0, keys).Reshape(keys, 1, length),
                result.Reshape(count, 1, length));
            return;
        }

        var wide = new float[count * length];
        for (var row = 0; row < count; row++)
            numbers.Slice(row * keys, keys).CopyTo(wide.AsSpan(row * length));
        device.Upload(wide, result);
    }

    /// <summary>Goes on to the next layer.</summary>
    public void EndLayer() => (below, current) = (current, below ?? device.Allocate(length, length));

    /// <summary>Returns the share of a position that comes from each token up to itself, after the layer that was ended
    /// last.</summary>
    public ImmutableArray<double> Of(int position)
    {
        var row = device.Download(below!.Slice(position, 1));
        return [.. row[..(position + 1)].Select(share => (double)share)];
    }

    /// <summary>Frees the product.</summary>
    public void Dispose()
    {
        below?.Dispose();
        current.Dispose();
    }
}
