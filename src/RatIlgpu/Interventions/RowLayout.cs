using RatIlgpu.Tensors;

namespace RatIlgpu.Interventions;

/// <summary>The layout of an activation: where the row of a position, or of a head at a position, lies.</summary>
/// <param name="First">The first position.</param>
/// <param name="Count">The number of positions.</param>
/// <param name="Heads">The number of heads; 1 if there is no head axis.</param>
/// <param name="Width">The length of one row.</param>
/// <param name="HeadsFirst">Whether heads are the outer axis, as in a pattern.</param>
/// <remarks>Support code for the project's own packages.</remarks>
public readonly record struct RowLayout(int First, int Count, int Heads, int Width, bool HeadsFirst)
{
    /// <summary>Returns the layout of an activation as a probe is shown it, up to the position before
    /// <paramref name="end"/>.</summary>
    public static RowLayout Of(Activation activation, Shape shape, int end)
    {
        if (activation == Activation.Pattern)
            return new(end - shape[1], shape[1], shape[0], shape[2], HeadsFirst: true);
        var heads = shape.Rank == 3 ? shape[1] : 1;
        return new(end - shape[0], shape[0], heads, shape[^1], HeadsFirst: false);
    }

    /// <summary>Returns the number of rows.</summary>
    public int Rows => checked(Count * Heads);

    /// <summary>Returns the index of the row of a head at a position.</summary>
    public int IndexOf(int position, int head) =>
        HeadsFirst ? head * Count + (position - First) : (position - First) * Heads + head;

    /// <summary>Returns the range of the row of a head at a position.</summary>
    public Range Row(int position, int head)
    {
        var row = IndexOf(position, head);
        return (row * Width)..((row + 1) * Width);
    }
}
