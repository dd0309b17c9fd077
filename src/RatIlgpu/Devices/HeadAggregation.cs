namespace RatIlgpu.Devices;

/// <summary>Names the heads of a layer whose patterns are reduced to one, and the reduction.</summary>
public sealed record HeadAggregation
{
    // Private: devices rely on heads that are distinct, ascending and not negative, as the methods below make them.
    HeadAggregation(HeadReduction reduction, ValueArray<int> heads) => (Reduction, Heads) = (reduction, heads);

    /// <summary>Gets the reduction: mean or maximum.</summary>
    public HeadReduction Reduction { get; }

    /// <summary>Gets the heads, distinct and ascending; empty for all.</summary>
    public ValueArray<int> Heads { get; }

    /// <summary>Gets the mean over all heads.</summary>
    public static HeadAggregation Mean { get; } = new(HeadReduction.Mean, []);

    /// <summary>Gets the maximum over all heads.</summary>
    public static HeadAggregation Max { get; } = new(HeadReduction.Max, []);

    /// <summary>Returns the aggregation that is the pattern of one head.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The head is negative.</exception>
    public static HeadAggregation Head(int head) => Of(HeadReduction.Mean, head);

    /// <summary>Returns the mean over some heads.</summary>
    /// <exception cref="ArgumentException">No head is given.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A head is negative.</exception>
    public static HeadAggregation MeanOf(params ReadOnlySpan<int> heads) => Of(HeadReduction.Mean, heads);

    /// <summary>Returns the maximum over some heads.</summary>
    /// <exception cref="ArgumentException">No head is given.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A head is negative.</exception>
    public static HeadAggregation MaxOf(params ReadOnlySpan<int> heads) => Of(HeadReduction.Max, heads);

    /// <summary>Parses <c>mean</c>, <c>max</c>, <c>3</c>, <c>mean:0,2,5</c> or <c>max:0,2,5</c>.</summary>
    /// <exception cref="FormatException">The text has none of these forms.</exception>
    public static HeadAggregation Parse(string text)
    {
        if (TryHeads(text, out var single) && single.Length == 1)
            return Head(single[0]);
        var parts = text.Split(':');
        HeadReduction? reduction = parts[0] switch
        {
            "mean" => HeadReduction.Mean,
            "max" => HeadReduction.Max,
            _ => null,
        };
        if (reduction is { } found && parts.Length == 1)
            return new(found, []);
        if (reduction is { } over && parts.Length == 2 && TryHeads(parts[1], out var heads))
            return Of(over, heads);
        throw new FormatException($"heads: '{text}' is none of mean, max, a head such as 3, mean:0,2,5 or max:0,2,5.");
    }

    /// <summary>Returns the heads of this aggregation in a layer of <paramref name="headCount"/> heads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The layer does not have one of the heads.</exception>
    public ImmutableArray<int> Of(int headCount)
    {
        if (Heads.IsEmpty)
            return [.. Enumerable.Range(0, headCount)];
        if (Heads[^1] >= headCount)
            throw new ArgumentOutOfRangeException(
                nameof(Heads), $"heads: head {Heads[^1]} asked, the layer has heads 0 to {headCount - 1}.");
        return Heads;
    }

    /// <summary>Returns the text that <see cref="Parse"/> takes.</summary>
    public override string ToString()
    {
        var name = Reduction == HeadReduction.Mean ? "mean" : "max";
        return Heads.Length switch
        {
            0 => name,
            1 => Heads[0].ToString(CultureInfo.InvariantCulture),
            _ => $"{name}:{string.Join(',', Heads.Select(head => head.ToString(CultureInfo.InvariantCulture)))}",
        };
    }

    static HeadAggregation Of(HeadReduction reduction, params ReadOnlySpan<int> heads)
    {
        if (heads.IsEmpty)
            throw new ArgumentException("heads: at least one head is needed.", nameof(heads));
        foreach (var head in heads)
            ArgumentOutOfRangeException.ThrowIfNegative(head, nameof(heads));
        ImmutableArray<int> each = [.. heads.ToArray().Distinct().Order()];
        return new(each.Length == 1 ? HeadReduction.Mean : reduction, each);
    }

    static bool TryHeads(string text, out int[] heads)
    {
        var parts = text.Split(',');
        heads = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out heads[i]))
                return false;
        return true;
    }
}

/// <summary>Reduces the patterns of several heads to one.</summary>
public enum HeadReduction
{
    /// <summary>The mean over the heads.</summary>
    Mean,

    /// <summary>The maximum over the heads.</summary>
    Max,
}
