using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>The axes of a grid of patches; 0 for one whose places are patched at once.</summary>
readonly record struct PatchLengths(int Layers, int Positions, int Heads, int Keys)
{
    /// <summary>Gets the lengths of the axes that there are.</summary>
    public Shape Shape => new([Layers, .. new[] { Positions, Heads, Keys }.Where(length => length > 0)]);

    /// <summary>Returns the patches of a layer, in their order.</summary>
    public IEnumerable<PatchCell> CellsOf(int layer)
    {
        var (positions, heads, keys) = (Axis(Positions), Axis(Heads), Axis(Keys));
        return
            from position in positions
            from head in heads
            from key in keys
            select new PatchCell(layer, position, head, key);
    }

    /// <summary>Returns where a patch stands among all.</summary>
    /// <exception cref="ArgumentException">There is no such patch.</exception>
    public int PlaceOf(PatchCell cell)
    {
        var place = Along(cell.Layer, Layers, 0, cell);
        place = Along(cell.Position, Positions, place, cell);
        place = Along(cell.Head, Heads, place, cell);
        return Along(cell.Key, Keys, place, cell);
    }

    static IEnumerable<int?> Axis(int length) =>
        length == 0 ? [null] : Enumerable.Range(0, length).Select(place => (int?)place);

    static int Along(int? asked, int length, int before, PatchCell cell) => (asked, length) switch
    {
        (null, 0) => before,
        ({ } place, > 0) when (uint)place < (uint)length => before * length + place,
        _ => throw new ArgumentException($"The grid has no {cell}."),
    };
}
