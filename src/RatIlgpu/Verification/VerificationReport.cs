namespace RatIlgpu.Verification;

/// <summary>How close a device comes to the reference activations and traces of a golden folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Runs">The runs, without and with the mask.</param>
public sealed record VerificationReport(string Folder, ValueArray<VerifiedRun> Runs)
{
    /// <summary>Gets whether every bound holds and every trace agrees.</summary>
    public bool Passed => Runs.All(run => run.Passed);
}
