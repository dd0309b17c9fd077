using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>Two probes of one run; the second sees what the first left.</summary>
sealed class ProbePair(IProbe first, IProbe second) : IProbe
{
    public void Begin(int firstPosition, int positionCount)
    {
        first.Begin(firstPosition, positionCount);
        second.Begin(firstPosition, positionCount);
    }

    public bool Wants(Site site) => first.Wants(site) || second.Wants(site);

    public void Show(Site site, Tensor activation, Device device)
    {
        if (first.Wants(site))
            first.Show(site, activation, device);
        if (second.Wants(site))
            second.Show(site, activation, device);
    }
}
