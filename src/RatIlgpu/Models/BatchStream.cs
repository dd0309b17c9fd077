using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The residual stream from which one prompt of a batch runs; change it with <c>with</c>. Its cache is not
/// extended, as by <see cref="Qwen2Model.RunFrom"/>; of a stream of one branch the memory behind the cached positions
/// is overwritten.</summary>
/// <param name="Stream">The stream, <c>[positions · branches, width]</c>; it is not changed. The rows of one position,
/// one for each branch, lie together.</param>
public sealed record BatchStream(Tensor Stream) : BatchPart
{
    /// <summary>Gets how many continuations of the same cached positions are run at once, at least 1; they do not see
    /// each other. Default: 1.</summary>
    public int Branches { get; init; } = 1;

    internal override int PositionCount => Stream.Shape[0] / Branches;

    internal override int RowsOfPosition => Branches;
}
