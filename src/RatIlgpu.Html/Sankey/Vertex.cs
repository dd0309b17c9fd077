namespace RatIlgpu.Html.Sankey;

/// <summary>A place in a column that paths go through: a token, or a bend of a link that crosses the column.</summary>
/// <param name="column">The column, from 0 at the left.</param>
/// <param name="key">The token's position, or the earlier end of the link.</param>
/// <param name="query">The same position, or the later end of the link.</param>
sealed class Vertex(int column, int key, int query)
{
    public int Column => column;

    public int Key => key;

    public int Query => query;

    public bool IsToken => key == query;

    /// <summary>Gets the paths through this vertex, ascending.</summary>
    public List<int> Paths { get; } = [];

    /// <summary>Gets the sum of the weights of the paths through this vertex.</summary>
    public double Share { get; set; }

    /// <summary>Gets the place in the column, from 0 at the top.</summary>
    public int Rank { get; set; }

    /// <summary>Gets the centre of each path's lane where it comes in from the left, in weight below the top.</summary>
    public Dictionary<int, double> LeftLanes { get; } = [];

    /// <summary>Gets the centre of each path's lane where it goes out to the right, in weight below the top.</summary>
    public Dictionary<int, double> RightLanes { get; } = [];

    /// <summary>Gets the upper edge, in pixels.</summary>
    public double Top { get; set; }
}
