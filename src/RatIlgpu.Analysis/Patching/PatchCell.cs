using System.Globalization;

namespace RatIlgpu.Analysis;

/// <summary>One patch of a grid.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Position">The position; null where all are patched at once.</param>
/// <param name="Head">The head; null where all are patched at once, or there are none.</param>
/// <param name="Key">The key of a pattern; null where all are patched at once, or there are none.</param>
public readonly record struct PatchCell(int Layer, int? Position = null, int? Head = null, int? Key = null)
{
    /// <summary>Returns the place, such as <c>L3H7 at 5 on 2</c>.</summary>
    public override string ToString()
    {
        var head = Head is { } h ? string.Create(CultureInfo.InvariantCulture, $"H{h}") : "";
        var position = Position is { } p ? string.Create(CultureInfo.InvariantCulture, $" at {p}") : "";
        var key = Key is { } k ? string.Create(CultureInfo.InvariantCulture, $" on {k}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"L{Layer}{head}{position}{key}");
    }
}
