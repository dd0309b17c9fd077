namespace RatIlgpu.Analysis;

/// <summary>Keeps, for each condition of a sample, the patterns of the heads whose attention changes most.</summary>
/// <param name="config">The model.</param>
/// <param name="first">The first position that a condition changes.</param>
/// <param name="layer">The first layer that a condition changes.</param>
/// <param name="conditions">The number of conditions.</param>
/// <param name="most">The number of heads that are kept.</param>
sealed class PatternWatch(Qwen2Config config, int first, int layer, int conditions, int most)
{
    // Less than the rounding of a pattern is no change.
    const double Least = 1e-6;

    readonly Dictionary<int, float[]> before = [];
    readonly List<ShownAttention>[] kept = [.. Enumerable.Range(0, conditions).Select(_ => new List<ShownAttention>())];
    int keys;

    /// <summary>Gets the patterns without a change of the heads that are kept for a condition, ascending.</summary>
    public ImmutableArray<ShownAttention> Before =>
    [
        .. kept.SelectMany(heads => heads).Select(shown => shown.Head).Distinct().Order()
            .Select(head => new ShownAttention(head, [.. RowsBefore(head)], 0)),
    ];

    /// <summary>Returns the heads whose attention changes most under a condition, the most first.</summary>
    public ValueArray<ShownAttention> Of(int condition) => [.. kept[condition]];

    /// <summary>Tells whether a pattern is looked at.</summary>
    public bool Wants(Site site) => site.Activation == Activation.Pattern && site.Layer >= layer;

    /// <summary>Looks at the pattern of a layer.</summary>
    /// <param name="site">The layer.</param>
    /// <param name="pattern"><c>[branch · head, positions, keys]</c>.</param>
    /// <param name="device">The device.</param>
    /// <param name="batch">The conditions, one a branch; none for the run without a change.</param>
    /// <param name="position">The first position.</param>
    public void Show(Site site, Tensor pattern, Device device, ImmutableArray<int> batch, int position)
    {
        var numbers = device.Download(pattern);
        if (batch.IsEmpty)
        {
            keys = pattern.Shape[2];
            before[site.Layer] = RowsFrom(numbers, pattern.Shape[0]);
            return;
        }

        var size = pattern.Shape[1] * keys;
        for (var row = 0; row < pattern.Shape[0]; row++)
            Note(
                kept[batch[row / config.HeadCount]], new(site.Layer, row % config.HeadCount),
                numbers.AsSpan(row * size, size), position);
    }

    void Note(List<ShownAttention> heads, HeadIndex head, ReadOnlySpan<float> rows, int position)
    {
        var old = RowsBefore(head);
        var unchanged = (position - first) * keys;
        var sum = 0.0;
        for (var i = 0; i < rows.Length; i++)
            sum += Math.Abs(rows[i] - old[unchanged + i]);
        var variation = sum / 2 / (old.Length / keys);
        if (variation < Least || (heads.Count == most && variation <= heads[^1].Variation))
            return;
        ReadOnlySpan<float> all = [.. old[..unchanged], .. rows];
        heads.Insert(heads.Count(one => one.Variation >= variation), new(head, [.. all], variation));
        if (heads.Count > most)
            heads.RemoveAt(most);
    }

    // From the first changed position on, head by head.
    float[] RowsFrom(float[] pattern, int heads)
    {
        var size = (keys - first) * keys;
        var rows = new float[heads * size];
        for (var head = 0; head < heads; head++)
            pattern.AsSpan((((head * keys) + first) * keys), size).CopyTo(rows.AsSpan(head * size));
        return rows;
    }

    ReadOnlySpan<float> RowsBefore(HeadIndex head)
    {
        var size = (keys - first) * keys;
        return before[head.Layer].AsSpan(head.Head * size, size);
    }
}
