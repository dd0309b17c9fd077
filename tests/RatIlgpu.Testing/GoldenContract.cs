using RatIlgpu.Verification;

namespace RatIlgpu.Testing;

/// <summary>Holds a device to the float64 reference: the patterns, streams, logits and traces of every golden
/// folder.</summary>
public abstract class GoldenContract
{
    /// <summary>Gets the names of the golden folders.</summary>
    public static TheoryData<string> Folders =>
        [.. Directory.GetDirectories(Repository.Path("tests/golden")).Order().Select(path => Path.GetFileName(path))];

    /// <summary>Opens the device.</summary>
    protected abstract Device Create();

    [Theory]
    [MemberData(nameof(Folders))]
    public void Attention_and_logits_stay_within_their_bounds_and_all_traces_agree(string folder)
    {
        using var device = Create();
        var report = new Verifier(device).Verify(Repository.Path("tests", "golden", folder));
        Assert.Equal(["plain", "masked"], report.Runs.Select(run => run.Name));
        foreach (var run in report.Runs)
        {
            Assert.InRange(run.AttentionError, 0, VerifiedRun.AttentionBound);
            Assert.InRange(run.StreamError, 0, VerifiedRun.StreamBound);
            Assert.InRange(run.LogitError / run.LargestLogit, 0, VerifiedRun.LogitBound);
            Assert.Empty(run.Misses);
        }
    }

    [Fact]
    public void No_trace_is_left_out()
    {
        using var device = Create();
        var verifier = new Verifier(device);
        var traces = Directory.GetDirectories(Repository.Path("tests", "golden"))
            .Sum(folder => verifier.Verify(folder).Runs.Sum(run => run.TraceCount));
        Assert.Equal(192, traces);
    }
}
