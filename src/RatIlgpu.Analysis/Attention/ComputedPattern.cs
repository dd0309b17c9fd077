namespace RatIlgpu.Analysis;

/// <summary>The pattern of one head, whose rows are computed from its queries and keys.</summary>
sealed class ComputedPattern : IDisposable
{
    // The rows that are computed together: as many as a run computes in a block.
    const int BlockRows = 256;

    readonly Device device;
    readonly Tensor query, key;
    readonly Tensor? mask;
    readonly int window, tokens;
    Tensor? found;
    float[] numbers = [];

    /// <summary>Copies the queries and keys of a head.</summary>
    /// <param name="head">The query head.</param>
    /// <param name="queries">The rotated queries of its layer.</param>
    /// <param name="keys">The rotated keys.</param>
    /// <param name="mask"><c>[tokens]</c>, 0 for padding; null for none.</param>
    /// <param name="tokens">The number of tokens.</param>
    /// <param name="window">The window of the layer.</param>
    /// <param name="device">The device of all these.</param>
    public ComputedPattern(
        int head, HeadTable queries, HeadTable keys, Tensor? mask, int tokens, int window, Device device)
    {
        (this.device, this.mask, this.window, this.tokens) = (device, mask, window, tokens);
        query = device.Allocate(tokens, queries.Rows.Shape[1]);
        try
        {
            key = device.Allocate(query.Shape);
            queries.Copy(head, query, device);
            keys.Copy(head, key, device);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Gets the rotated queries.</summary>
    public ImmutableArray<float> Queries => ImmutableCollectionsMarshal.AsImmutableArray(device.Download(query));

    /// <summary>Gets the rotated keys.</summary>
    public ImmutableArray<float> Keys => ImmutableCollectionsMarshal.AsImmutableArray(device.Download(key));

    /// <summary>Writes rows, from that of one query on.</summary>
    public void Write(int firstQuery, Span<float> rows)
    {
        for (var from = 0; from < rows.Length; from += BlockRows * tokens)
        {
            var block = rows[from..Math.Min(from + BlockRows * tokens, rows.Length)];
            Compute(firstQuery + from / tokens, block.Length / tokens, block);
        }
    }

    /// <summary>Frees the queries and keys.</summary>
    public void Dispose()
    {
        query.Dispose();
        key?.Dispose();
        found?.Dispose();
    }

    // Keys after the last query are not scored.
    void Compute(int first, int count, Span<float> rows)
    {
        var (end, size) = (first + count, query.Shape[1]);
        var result = Fit(count * end).Reshape(1, count, end);
        device.Pattern(
            query.Slice(first, count).Reshape(count, 1, size), key.Slice(0, end).Reshape(end, 1, size),
            new(window, mask?.Slice(0, end)), result);
        var computed = numbers.AsSpan(0, count * end);
        device.Download(result, computed);
        for (var row = 0; row < count; row++)
        {
            var target = rows.Slice(row * tokens, tokens);
            computed.Slice(row * end, end).CopyTo(target);
            target[end..].Clear();
        }
    }

    Tensor Fit(int count)
    {
        if (found is null || found.Shape[0] < count)
        {
            found?.Dispose();
            found = device.Allocate(Math.Max(count, Math.Min(BlockRows, tokens) * tokens));
            numbers = new float[found.Shape[0]];
        }

        return found.Slice(0, count);
    }
}
