using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class WarpGroupsAttribution : AttributionContract
{
    protected override Device Create() => GroupedOnCpu.Open<WarpReduction>();
}
