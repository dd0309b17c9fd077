using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>What a layer works on: consecutive positions of a run, B of them, and the keys they may see, S of
/// them.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="X">The residual stream, <c>[B, width]</c>.</param>
/// <param name="Angles">The rotary angles, <c>[B, headSize]</c>.</param>
/// <param name="Key">Where the keys of these positions go, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="Value">Where the values of these positions go, <c>[B, keyHeads, headSize]</c>.</param>
/// <param name="SeenKeys">The keys up to the last of these positions, <c>[S, keyHeads, headSize]</c>.</param>
/// <param name="SeenValues">The values up to the last of these positions, <c>[S, keyHeads, headSize]</c>.</param>
/// <param name="Visibility">Which of the keys a query may see.</param>
/// <param name="Room">Memory for what lies between.</param>
sealed record Block(
    int Layer,
    Tensor X,
    Tensor Angles,
    Tensor Key,
    Tensor Value,
    Tensor SeenKeys,
    Tensor SeenValues,
    Visibility Visibility,
    Workspace Room)
{
    /// <summary>Gets room for a normed stream or a sublayer's output, <c>[B, width]</c>.</summary>
    public Tensor Normed => Fit(Room.Normed);

    /// <summary>Gets room for the queries, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Query => Fit(Room.Query);

    /// <summary>Gets room for the mixed values, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Mix => Fit(Room.Mix);

    /// <summary>Gets room for the gate of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Gate => Fit(Room.Gate);

    /// <summary>Gets room for the other half of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Up => Fit(Room.Up);

    /// <summary>Gets room for the pattern, <c>[heads, B, S]</c>.</summary>
    public Tensor Pattern => Room.Pattern(X.Shape[0], SeenKeys.Shape[0]);

    Tensor Fit(Tensor room) => room.Rows(0, X.Shape[0]);
}
