namespace RatIlgpu;

/// <summary>A head of a model, named by its layer and its number.</summary>
/// <param name="Layer">The layer, from 0.</param>
/// <param name="Head">The head in its layer, from 0: a query head, or a key/value head where that is said.</param>
public readonly record struct HeadIndex(int Layer, int Head) : IComparable<HeadIndex>
{
    /// <summary>Reads a name such as <c>L3H7</c>.</summary>
    /// <exception cref="FormatException">The text is no such name.</exception>
    public static HeadIndex Parse(string text)
    {
        var middle = text.IndexOf('H', StringComparison.OrdinalIgnoreCase);
        return middle > 1 && text[0] is 'L' or 'l' && Number(text[1..middle]) is { } layer
            && Number(text[(middle + 1)..]) is { } head
            ? new(layer, head)
            : throw new FormatException($"head: '{text}' is no head of a layer, expected a name such as L3H7.");

        static int? Number(string digits) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Tells whether one head comes before another.</summary>
    public static bool operator <(HeadIndex left, HeadIndex right) => left.CompareTo(right) < 0;

    /// <summary>Tells whether one head comes after another.</summary>
    public static bool operator >(HeadIndex left, HeadIndex right) => left.CompareTo(right) > 0;

    /// <summary>Tells whether one head comes before another or is the same.</summary>
    public static bool operator <=(HeadIndex left, HeadIndex right) => left.CompareTo(right) <= 0;

    /// <summary>Tells whether one head comes after another or is the same.</summary>
    public static bool operator >=(HeadIndex left, HeadIndex right) => left.CompareTo(right) >= 0;

    /// <summary>Orders heads by layer, then by number.</summary>
    public int CompareTo(HeadIndex other) => (Layer, Head).CompareTo((other.Layer, other.Head));

    /// <summary>Throws if a model does not have the head.</summary>
    /// <param name="layerCount">The layers of the model.</param>
    /// <param name="headCount">The heads of a layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The layer or the head is not there.</exception>
    public void Check(int layerCount, int headCount)
    {
        if ((uint)Layer >= (uint)layerCount || (uint)Head >= (uint)headCount)
            throw new ArgumentOutOfRangeException(
                nameof(Head),
                $"{this}: the model has layers 0 to {layerCount - 1}, each with heads 0 to {headCount - 1}.");
    }

    /// <summary>Returns the name, such as <c>L3H7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"L{Layer}H{Head}");
}
