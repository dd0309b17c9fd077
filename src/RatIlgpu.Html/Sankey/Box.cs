namespace RatIlgpu.Html.Sankey;

/// <summary>A rectangle of a drawing, in pixels.</summary>
/// <param name="Left">The left edge.</param>
/// <param name="Top">The upper edge.</param>
/// <param name="Width">The width.</param>
/// <param name="Height">The height.</param>
readonly record struct Box(double Left, double Top, double Width, double Height)
{
    public double Right => Left + Width;

    public double Bottom => Top + Height;

    /// <summary>Returns whether this covers a part of another; edges may touch.</summary>
    public bool Overlaps(Box other) =>
        Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;

    /// <summary>Returns whether this keeps within a drawing.</summary>
    public bool IsInside(SankeyLayout drawing) =>
        Left >= 0 && Top >= 0 && Right <= drawing.Width && Bottom <= drawing.Height;
}
