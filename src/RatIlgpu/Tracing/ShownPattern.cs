using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>The attention of one layer whose patterns lie on a device: a row of each of the heads is downloaded when it
/// is asked for, or with the rows of other positions that were named before.</summary>
sealed class ShownPattern : IAttentionRows
{
    // Rows that are downloaded together take at most 64 MB.
    const int MostNumbers = 16 << 20;

    readonly Device device;
    readonly Tensor rows;
    readonly ImmutableArray<int> heads;
    readonly StoredAttention reduced;
    readonly Dictionary<int, int> prepared = [];
    float[] numbers = [];

    /// <summary>Makes the attention of a layer.</summary>
    /// <param name="pattern"><c>[heads, positions, positions]</c>, which must not be freed before the last row is asked
    /// for.</param>
    /// <param name="aggregation">The heads, and how they are reduced to one.</param>
    /// <param name="device">The device of the pattern.</param>
    public ShownPattern(Tensor pattern, HeadAggregation aggregation, Device device)
    {
        var (count, length) = (pattern.Shape[0], pattern.Shape[1]);
        rows = pattern.Reshape(count * length, length);
        (this.device, heads) = (device, aggregation.Of(count));
        reduced = new(length, count, aggregation, Copy);
    }

    /// <inheritdoc/>
    public int Length => reduced.Length;

    /// <inheritdoc/>
    public void Prepare(ReadOnlySpan<int> positions)
    {
        prepared.Clear();
        var together = positions[..Math.Min(positions.Length, Math.Max(1, MostNumbers / heads.Length / Length))];
        var picked = new List<int>();
        foreach (var position in together)
        {
            prepared.Add(position, prepared.Count);
            picked.AddRange(heads.Select(head => head * Length + position));
        }

        if (picked.Count == 0)
            return;
        using var found = device.Allocate(picked.Count, Length);
        device.Gather(rows, [.. picked], found);
        numbers = device.Download(found);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Row(int position)
    {
        if (!prepared.ContainsKey(position))
            Prepare([position]);
        return reduced.Row(position);
    }

    void Copy(int position, int head, Span<float> row) => numbers
        .AsSpan((prepared[position] * heads.Length + heads.BinarySearch(head)) * Length, row.Length)
        .CopyTo(row);
}
