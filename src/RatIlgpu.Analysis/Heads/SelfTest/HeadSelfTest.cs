namespace RatIlgpu.Analysis;

/// <summary>Tests the way from a checkpoint to scores of heads, with constructed models of which the scores are known
/// by formulas.</summary>
/// <remarks>The models are real checkpoints of one to three layers with grouped heads and biases, so that loading,
/// running, recording and interventions are tested with them.</remarks>
public static class HeadSelfTest
{
    const string Prefix = "constructed-";

    /// <summary>Gets all cases; those of one model follow one another.</summary>
    public static ImmutableArray<SelfTestCase> Cases { get; } =
    [
        .. PositionalCases.All.Concat(MatchingCases.All).Concat(CircuitCases.All).Concat(NameCases.All)
            .Concat(ScoredCases.All.Select(one => one.OfRun()))
            .GroupBy(one => one.Checkpoint).SelectMany(cases => cases),
    ];

    /// <summary>Runs all cases, one after the other, while the results are enumerated.</summary>
    /// <param name="device">The device that computes.</param>
    /// <param name="folder">The folder for the checkpoints, which stay there, each in a folder of its own,
    /// <c>constructed-…</c>; null for a temporary one, which is deleted.</param>
    /// <param name="progress">The receiver of the share of the cases done, in [0, 1]; null for none.</param>
    /// <param name="cancellation">Stops between two cases.</param>
    /// <exception cref="IOException">A checkpoint cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    /// <exception cref="OperationCanceledException">The test was cancelled.</exception>
    public static IEnumerable<SelfTestResult> Run(
        Device device,
        string? folder = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var root = folder ?? Directory.CreateTempSubdirectory("ratilgpu-selftest-").FullName;
        try
        {
            var done = 0;
            foreach (var cases in Cases.GroupBy(one => one.Checkpoint))
            {
                cancellation.ThrowIfCancellationRequested();
                using var run = cases.First().Load(device, Path.Combine(root, Prefix + cases.Key));
                foreach (var one in cases)
                {
                    cancellation.ThrowIfCancellationRequested();
                    yield return one.Result(run);
                    progress?.Report((double)++done / Cases.Length);
                }
            }
        }
        finally
        {
            if (folder is null)
                Directory.Delete(root, recursive: true);
        }
    }
}
