namespace RatIlgpu.Html.Sankey;

/// <summary>Where a label stands, seen from its bar.</summary>
enum LabelSide
{
    Right,
    Left,
    Above,
    Below,
}
