using RatIlgpu.Tensors;

namespace RatIlgpu;

/// <summary>Looks at a run from inside: is shown activations after they are computed and before they are read, and may
/// overwrite them.</summary>
public interface IProbe
{
    /// <summary>Is told before a run which positions it computes; earlier ones are in a cache.</summary>
    /// <param name="firstPosition">The first position, counted from the start of the sequence.</param>
    /// <param name="positionCount">How many positions.</param>
    void Begin(int firstPosition, int positionCount);

    /// <summary>Tells whether the activation at a site is to be shown; one that nobody asks for may never be
    /// made.</summary>
    bool Wants(Site site);

    /// <summary>Receives an activation that was asked for.</summary>
    /// <param name="site">Where it was made.</param>
    /// <param name="activation">The activation, in the shape <see cref="Activation"/> gives. What is written to it,
    /// with operations of <paramref name="device"/>, the model goes on with. It is only valid during the call.</param>
    /// <param name="device">The device that holds it.</param>
    void Show(Site site, Tensor activation, Device device);
}
