namespace RatIlgpu.Analysis;

/// <summary>A number that is known of a constructed model by a formula.</summary>
public sealed class SelfTestCase
{
    readonly Func<ConstructedModel> make;
    readonly Func<ConstructedRun, double> find;

    internal SelfTestCase(
        string checkpoint,
        string name,
        Func<ConstructedModel> make,
        double expected,
        Func<ConstructedRun, double> find) =>
        (Checkpoint, Name, this.make, Expected, this.find) = (checkpoint, name, make, expected, find);

    /// <summary>Gets the name of the constructed model.</summary>
    public string Checkpoint { get; }

    /// <summary>Gets what is measured.</summary>
    public string Name { get; }

    /// <summary>Gets the number that the formula gives.</summary>
    public double Expected { get; }

    /// <summary>Gets how far the expected number may be from the exact one, where the formula is of a limit.</summary>
    internal double Slack { get; init; }

    /// <summary>Gets how far a measured number may lie from it. Scores reach 150, so that a rounding to F32 may move a
    /// probability by 10⁻⁵.</summary>
    public double Tolerance => 1e-4 + Slack;

    /// <summary>Writes the model, runs it on a device and returns the number that is found.</summary>
    /// <param name="device">The device that computes.</param>
    /// <param name="folder">The folder for the checkpoint, which is made if it is not there; its <c>config.json</c> and
    /// <c>model.safetensors</c> are replaced.</param>
    /// <exception cref="IOException">The checkpoint cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public double Find(Device device, string folder)
    {
        using var run = Load(device, folder);
        return find(run);
    }

    /// <summary>Returns what was measured and the expected number.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Checkpoint}: {Name}: {Expected:0.######}");

    internal ConstructedRun Load(Device device, string folder) => ConstructedRun.Load(make(), folder, device);

    internal SelfTestResult Result(ConstructedRun run) => Result(find(run));

    // Not a number does not pass.
    internal SelfTestResult Result(double found) => new(this, found, Math.Abs(found - Expected) <= Tolerance);
}

/// <summary>What was found in a self-test.</summary>
/// <param name="Case">The case.</param>
/// <param name="Found">The number that was found.</param>
/// <param name="Passes">Whether it lies within the tolerance of the expected one.</param>
public sealed record SelfTestResult(SelfTestCase Case, double Found, bool Passes);
