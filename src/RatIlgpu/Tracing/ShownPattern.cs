using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>The attention of one layer whose patterns lie on a device, which reduces the rows over the heads.</summary>
/// <param name="pattern"><c>[heads, positions, positions]</c>, which must not be freed before the last row is asked
/// for.</param>
/// <param name="aggregation">The heads, and how they are reduced to one.</param>
/// <param name="device">The device of the pattern.</param>
/// <param name="weights">The weights of links; null for the pattern as it is.</param>
/// <param name="factors">The factors of the weights, <c>[heads, positions]</c>; null where there are none.</param>
sealed class ShownPattern(
    Tensor pattern,
    HeadAggregation aggregation,
    Device device,
    LinkWeights? weights = null,
    Tensor? factors = null) : PreparedRows
{
    readonly ImmutableArray<int> heads = aggregation.Of(pattern.Shape[0]);

    /// <inheritdoc/>
    public override int Length => pattern.Shape[1];

    /// <inheritdoc/>
    protected override string NotANumber =>
        "The attention is not a number: the weights are damaged or overflow, or an intervention is not one.";

    /// <inheritdoc/>
    protected override int NumbersOfKey => Contributes ? pattern.Shape[0] : 1;

    bool Contributes => weights is { Factors: null };

    /// <inheritdoc/>
    protected override int KeysUpTo(int position) => Length;

    /// <inheritdoc/>
    protected override void Compute(ReadOnlySpan<int> positions, int keys, Span<float> found)
    {
        if (Contributes)
        {
            Contribute(positions, keys, found);
            return;
        }

        using var rows = device.Allocate(positions.Length, keys);
        device.ReducePattern(pattern, factors, aggregation, positions, rows);
        device.Download(rows, found);
    }

    void Contribute(ReadOnlySpan<int> positions, int keys, Span<float> found)
    {
        var (all, count) = (pattern.Shape[0], positions.Length);
        using var rows = device.Allocate(count * all, keys);
        var places = new int[count * all];
        for (var i = 0; i < places.Length; i++)
            places[i] = i % all * Length + positions[i / all];
        device.Gather(pattern.Reshape(all * Length, keys), places, rows);
        var patterns = device.Download(rows).AsSpan();
        for (var row = 0; row < count; row++)
            weights!.Contribute(
                patterns.Slice(row * all * keys, all * keys), heads.AsSpan(), found.Slice(row * keys, keys));
    }
}
