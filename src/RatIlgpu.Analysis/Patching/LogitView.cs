namespace RatIlgpu.Analysis;

/// <summary>The logits of a run, at the positions that a metric asked for.</summary>
public sealed class LogitView
{
    readonly IReadOnlyDictionary<int, ReadOnlyMemory<float>> rows;
    readonly int length;

    internal LogitView(IReadOnlyDictionary<int, ReadOnlyMemory<float>> rows, int length) =>
        (this.rows, this.length) = (rows, length);

    /// <summary>Returns the logits at a position, <c>[vocabulary]</c>.</summary>
    /// <param name="position">The position, <c>^1</c> for the last.</param>
    /// <exception cref="ArgumentException">The metric did not ask for this position.</exception>
    public ReadOnlySpan<float> At(Index position) => rows.TryGetValue(position.GetOffset(length), out var row)
        ? row.Span
        : throw new ArgumentException(
            $"Position {position} is not among those of the metric: {string.Join(", ", rows.Keys.Order())}.");
}
