namespace RatIlgpu.Analysis;

/// <summary>A part of the sequences of an atlas: the units whose number, divided by the number of shards, leaves this
/// remainder.</summary>
/// <param name="Index">The shard, from 0.</param>
/// <param name="Count">The number of shards, at least 1.</param>
public readonly record struct AtlasShard(int Index, int Count)
{
    /// <summary>Gets the shard that has everything.</summary>
    public static AtlasShard Whole { get; } = new(0, 1);

    /// <summary>Reads a shard as users write it, such as <c>1/4</c> to <c>4/4</c>.</summary>
    /// <exception cref="FormatException">The text is no such shard.</exception>
    public static AtlasShard Parse(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && number >= 1 && number <= count
            ? new(number - 1, count)
            : throw new FormatException(
                $"shard: '{text}' is no shard, expected a number and how many there are, such as 1/4 to 4/4.");
    }

    /// <summary>Returns the shard as users write it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index + 1}/{Count}");
}
