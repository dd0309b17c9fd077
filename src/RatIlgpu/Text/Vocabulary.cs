namespace RatIlgpu.Text;

/// <summary>The bytes each token stands for.</summary>
sealed class Vocabulary
{
    readonly byte[] bytes;
    readonly int[] ends;

    /// <summary>Lays tokens out one after the other.</summary>
    /// <param name="tokens">The bytes of each id; null for an id without a token.</param>
    public Vocabulary(IReadOnlyList<byte[]?> tokens)
    {
        bytes = new byte[tokens.Sum(token => token?.Length ?? 0)];
        ends = new int[tokens.Count];
        var end = 0;
        for (var id = 0; id < ends.Length; id++)
        {
            tokens[id]?.CopyTo(bytes, end);
            end += tokens[id]?.Length ?? 0;
            ends[id] = end;
        }
    }

    /// <summary>Gets one past the largest id.</summary>
    public int Count => ends.Length;

    /// <summary>Gets the bytes of a token; none for an id without a token.</summary>
    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            if ((uint)id >= (uint)ends.Length)
                return [];
            var start = id == 0 ? 0 : ends[id - 1];
            return bytes.AsSpan(start, ends[id] - start);
        }
    }
}
