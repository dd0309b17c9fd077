using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>What a layer works on: consecutive positions of a run, B rows of them, and the S keys they may
/// see.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Positions">How many positions; in a run of several branches each has a row for every branch.</param>
/// <param name="X">The residual stream, <c>[B, width]</c>.</param>
/// <param name="Normed">Room for a normed stream or a sublayer's output, <c>[B, width]</c>.</param>
/// <param name="Angles">The rotary angles, <c>[B, headSize]</c>.</param>
/// <param name="Key">Where the keys of these positions go, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="Value">Where the values of these positions go, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="SeenKeys">The keys up to the last of these positions, <c>[S, keyHeads of all branches,
/// headSize]</c>.</param>
/// <param name="SeenValues">The values up to the last of these positions, <c>[S, keyHeads of all branches,
/// headSize]</c>.</param>
/// <param name="Visibility">Which of the keys a query may see.</param>
/// <param name="Room">Memory for what lies between.</param>
sealed record Block(
    int Layer,
    int Positions,
    Tensor X,
    Tensor Normed,
    Tensor Angles,
    Tensor Key,
    Tensor Value,
    Tensor SeenKeys,
    Tensor SeenValues,
    Visibility Visibility,
    Workspace Room)
{
    /// <summary>Gets room for the queries, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Query => Fit(Room.Query);

    /// <summary>Gets room for the mixed values, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Mix => Fit(Room.Mix);

    /// <summary>Gets room for the gate of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Gate => Fit(Room.Gate);

    /// <summary>Gets room for the other half of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Up => Fit(Room.Up);

    /// <summary>Gets room for the pattern, <c>[heads of all branches, positions, S]</c>.</summary>
    public Tensor Pattern => Room.Pattern(HeadsOf(Query).Shape[1], Positions, SeenKeys.Shape[0]);

    /// <summary>Returns rows of heads as the attention sees them: the branches of a position are so many more heads of
    /// it, since a head reads the keys of its own branch only.</summary>
    /// <param name="rows"><c>[B, heads, headSize]</c>.</param>
    /// <returns><c>[positions, heads of all branches, headSize]</c>.</returns>
    public Tensor HeadsOf(Tensor rows) =>
        Positions == 0 ? rows : rows.Reshape(Positions, rows.Shape[0] / Positions * rows.Shape[1], rows.Shape[2]);

    /// <summary>Returns the last of these positions, which see the same keys.</summary>
    /// <param name="positions">How many, at most all.</param>
    public Block Last(int positions)
    {
        if (positions == Positions)
            return this;
        var rows = Positions == 0 ? 0 : X.Shape[0] / Positions * positions;
        return this with
        {
            Positions = positions,
            X = End(X),
            Normed = End(Normed),
            Angles = End(Angles),
            Key = End(Key),
            Value = End(Value),
        };

        Tensor End(Tensor tensor) => tensor.Slice(tensor.Shape[0] - rows, rows);
    }

    Tensor Fit(Tensor room) => room.Slice(0, X.Shape[0]);
}
