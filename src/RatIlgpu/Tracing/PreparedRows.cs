namespace RatIlgpu.Tracing;

/// <summary>Attention whose rows are computed when they are asked for: those that were named together at once, the
/// others alone.</summary>
abstract class PreparedRows : IAttentionRows
{
    /// <summary>Rows that are computed together take at most 64 MB.</summary>
    public const int MostNumbers = 16 << 20;

    readonly Dictionary<int, int> prepared = [];
    float[] numbers = [], alone = [];
    int width;

    /// <inheritdoc/>
    public abstract int Length { get; }

    /// <summary>Gets what to say where the attention is not a number.</summary>
    protected abstract string NotANumber { get; }

    /// <inheritdoc/>
    public void Prepare(ReadOnlySpan<int> positions)
    {
        prepared.Clear();
        int[] together = [.. positions.ToArray().Where(CanBeTogether)];
        if (together.Length < 2)
            return;
        width = KeysUpTo(together.Max());
        together = together[..Math.Min(together.Length, Math.Max(1, MostNumbers / NumbersOfKey / width))];
        Compute(together, width, Of(ref numbers, together.Length * width));
        for (var row = 0; row < together.Length; row++)
            prepared.Add(together[row], row);
    }

    /// <inheritdoc/>
    /// <exception cref="ArithmeticException">The attention is not a number.</exception>
    public ReadOnlySpan<float> Row(int position)
    {
        var found = prepared.TryGetValue(position, out var row)
            ? numbers.AsSpan(row * width, position + 1)
            : Alone(position);
        return float.IsNaN(found[position]) ? throw new ArithmeticException(NotANumber) : found;
    }

    /// <summary>Gets how many numbers are computed for a key of a row, at least 1.</summary>
    protected virtual int NumbersOfKey => 1;

    /// <summary>Tells whether the row of a position is the same if it is computed with those of later ones.</summary>
    protected virtual bool CanBeTogether(int position) => true;

    /// <summary>Returns the length of the rows of positions up to one.</summary>
    protected abstract int KeysUpTo(int position);

    /// <summary>Computes rows over the first keys, one after the other.</summary>
    protected abstract void Compute(ReadOnlySpan<int> positions, int keys, Span<float> found);

    Span<float> Alone(int position)
    {
        var keys = KeysUpTo(position);
        var found = Of(ref alone, keys);
        Compute([position], keys, found);
        return found[..(position + 1)];
    }

    static Span<float> Of(ref float[] memory, int count)
    {
        if (memory.Length < count)
            memory = new float[Math.Max(count, Math.Min(2 * memory.Length, MostNumbers))];
        return memory.AsSpan(0, count);
    }
}
