namespace RatIlgpu.Html;

/// <summary>The attention of one head over one prompt, from wherever it comes.</summary>
abstract class HeadSource
{
    /// <summary>Gets the layer and the head; null if the head has only a name.</summary>
    public abstract HeadIndex? Head { get; }

    /// <summary>Gets the name that the page shows where <see cref="Head"/> is null.</summary>
    public abstract string Name { get; }

    public abstract int TokenCount { get; }

    /// <summary>Gets the factors of the keys that weight the pattern by values, <c>[tokens]</c>; null if unknown.
    /// </summary>
    public virtual ImmutableArray<float>? ValueFactors => null;

    /// <summary>Gets the factors of the keys that weight the pattern by what the head adds to the stream,
    /// <c>[tokens]</c>; null if unknown.</summary>
    public virtual ImmutableArray<float>? InfoFactors => null;

    /// <summary>Copies the rows of queries, <c>[queries, tokens]</c>; the length says how many.</summary>
    public abstract void CopyRows(int firstQuery, Span<float> rows);
}
