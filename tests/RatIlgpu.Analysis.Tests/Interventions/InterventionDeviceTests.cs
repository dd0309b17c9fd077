using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class PlainInterventions : InterventionContract
{
    protected override Device Create() => new PlainDevice();
}

public sealed class CpuInterventions : InterventionContract
{
    protected override Device Create() => new CpuDevice();
}

/// <summary>Recordings stay on this device, and interventions take rows from there.</summary>
public sealed class WatchedInterventions : InterventionContract
{
    protected override Device Create() => new WatchedDevice();
}

public sealed class CpuNormedInterventions : InterventionContract
{
    protected override bool NormsHeads => true;

    protected override Device Create() => new CpuDevice();
}

public sealed class WatchedNormedInterventions : InterventionContract
{
    protected override bool NormsHeads => true;

    protected override Device Create() => new WatchedDevice();
}
