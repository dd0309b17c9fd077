using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>Copies the activations it wants, and may change them.</summary>
/// <param name="wants">Which sites it wants.</param>
/// <param name="change">What to do with one after it is copied; null for nothing.</param>
public sealed class RecordingProbe(Func<Site, bool> wants, Action<Site, Tensor, Device>? change = null) : IProbe
{
    /// <summary>Gets what was shown, in order.</summary>
    public List<(Site Site, Shape Shape, float[] Numbers)> Shown { get; } = [];

    /// <summary>Gets the first position of each run, and how many it had.</summary>
    public List<(int First, int Count)> Begun { get; } = [];

    public void Begin(int firstPosition, int positionCount) => Begun.Add((firstPosition, positionCount));

    public bool Wants(Site site) => wants(site);

    public void Show(Site site, Tensor activation, Device device)
    {
        Shown.Add((site, activation.Shape, device.Download(activation)));
        change?.Invoke(site, activation, device);
    }

    /// <summary>Returns the numbers shown at a site.</summary>
    public float[] this[Site site] => Shown.Single(shown => shown.Site == site).Numbers;
}
