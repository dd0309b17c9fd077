namespace RatIlgpu.Html.Sankey;

/// <summary>A token as drawn: a bar whose height is its share of the paths.</summary>
/// <param name="Position">The token's position.</param>
/// <param name="Left">The left edge, in pixels.</param>
/// <param name="Top">The upper edge, in pixels.</param>
/// <param name="Height">The height, in pixels.</param>
readonly record struct TokenBar(int Position, double Left, double Top, double Height)
{
    // A token without weight can still be seen and hit.
    const double LeastHeight = 3;

    /// <summary>Gets what is drawn for it.</summary>
    public Box Drawn
    {
        get
        {
            var missing = Math.Max(0, LeastHeight - Height);
            return new(Left, Top - (missing / 2), SankeyLayout.BarWidth, Height + missing);
        }
    }
}
