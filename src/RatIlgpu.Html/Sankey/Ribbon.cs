using System.Collections.Immutable;

namespace RatIlgpu.Html.Sankey;

/// <summary>One step of one path as drawn: a band around a line from key to query.</summary>
/// <param name="Path">The path's index.</param>
/// <param name="Key">The earlier position.</param>
/// <param name="Query">The later position.</param>
/// <param name="Width">The width of the band, in pixels.</param>
/// <param name="Line">The points of the line, left to right; it is level at both ends.</param>
sealed record Ribbon(int Path, int Key, int Query, double Width, ImmutableArray<(double X, double Y)> Line);
