using RatIlgpu.Tensors;

namespace RatIlgpu;

/// <summary>A probe is shown the activations of a run after they are computed and before they are read, and may
/// overwrite them.</summary>
public interface IProbe
{
    /// <summary>Tells whether the activation at a site is to be shown; asked once for every site of a run, before
    /// <see cref="Begin"/>. An activation that is not wanted may not be computed.</summary>
    bool Wants(Site site);

    /// <summary>Is called right before a run with the positions that the run computes; earlier positions are in a
    /// cache.</summary>
    /// <param name="firstPosition">The first position, counted from the start of the sequence.</param>
    /// <param name="positionCount">The number of positions.</param>
    void Begin(int firstPosition, int positionCount);

    /// <summary>Is called after <see cref="Begin"/> with the positions of the rows of the final norm and the logits. A
    /// probe that wraps another passes the call on. A probe that does not implement it ignores the positions.</summary>
    /// <param name="positions">The positions, ascending, counted from the start of the sequence; empty if the run
    /// computes no logits.</param>
    void BeginLogits(ImmutableArray<int> positions)
    {
    }

    /// <summary>Is called after <see cref="Begin"/> with the number of branches of a run. A probe that wraps another
    /// passes the call on. A probe that does not implement it ignores the number.</summary>
    /// <param name="branches">The branches, at least 1 (<see cref="Models.Qwen2Model.RunFrom"/>).</param>
    void BeginBranches(int branches)
    {
    }

    /// <summary>Receives an activation that was wanted.</summary>
    /// <param name="site">The site of the activation.</param>
    /// <param name="activation">The activation, in the shape that <see cref="Activation"/> gives. It is valid only
    /// during the call. The model continues with the numbers that operations of <paramref name="device"/> write to
    /// it.</param>
    /// <param name="device">The device that holds the activation.</param>
    void Show(Site site, Tensor activation, Device device);
}
