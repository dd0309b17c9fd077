namespace RatIlgpu.Html.Sankey;

/// <summary>What the columns of a diagram mean.</summary>
enum ColumnMode
{
    /// <summary>How many steps lie between a token and the target, on the longest way.</summary>
    Hops,

    /// <summary>The place of a token among those shown.</summary>
    Position,
}
