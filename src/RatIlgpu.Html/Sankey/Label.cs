namespace RatIlgpu.Html.Sankey;

/// <summary>The label of a token as drawn: its text and, behind that, its position.</summary>
/// <param name="Position">The token's position.</param>
/// <param name="Side">Where it stands, seen from the bar.</param>
/// <param name="Box">The room it has, of which its text may take less.</param>
/// <param name="Text">The text, shortened to what fits.</param>
readonly record struct Label(int Position, LabelSide Side, Box Box, string Text);
