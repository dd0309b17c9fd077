using RatIlgpu.Tensors;

namespace RatIlgpu.Cli.Bench;

/// <summary>Keeps the pattern of every layer, on the device, until it is disposed.</summary>
sealed class KeptPatterns : IProbe, IDisposable
{
    readonly List<Tensor> kept = [];

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public bool Wants(Site site) => site.Activation == Activation.Pattern;

    public void Show(Site site, Tensor activation, Device device)
    {
        kept.Add(device.Allocate(activation.Shape));
        device.Copy(activation, kept[^1]);
    }

    public void Dispose() => kept.ForEach(pattern => pattern.Dispose());
}
