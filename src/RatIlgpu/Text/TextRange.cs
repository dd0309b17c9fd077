namespace RatIlgpu.Text;

/// <summary>A stretch of a text.</summary>
/// <param name="Start">Where it starts, in UTF-16 units.</param>
/// <param name="Length">How long it is, in UTF-16 units.</param>
public readonly record struct TextRange(int Start, int Length)
{
    /// <summary>Gets where it ends, in UTF-16 units.</summary>
    public int End => Start + Length;
}
