namespace RatIlgpu.Tracing;

/// <summary>A position that some path visits.</summary>
/// <param name="Id">Layer and position, such as <c>L23_P4</c>.</param>
/// <param name="Name">The token's text.</param>
/// <param name="Position">The position.</param>
/// <param name="Layer">The traced layer.</param>
public sealed record SankeyNode(string Id, string Name, int Position, int Layer)
{
    /// <summary>Returns the identity of a node, unique in a model.</summary>
    public static string IdOf(int layer, int position) => $"L{layer}_P{position}";
}
