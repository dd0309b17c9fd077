using RatIlgpu.Verification;

namespace RatIlgpu.Testing;

/// <summary>Holds a device to the float64 reference: the patterns, streams, logits and traces of every golden
/// folder.</summary>
public abstract class GoldenContract : IClassFixture<ClassFixture>
{
    /// <summary>Gets the golden folders, and how many traces each has.</summary>
    public static TheoryData<string, int> Folders { get; } = new()
    {
        { "tiny-gqa-tied-f32", 72 },
        { "tiny-llama3-bf16", 72 },
        { "tiny-mha-untied-bf16-sharded", 48 },
        { "tiny-mistral-f16", 72 },
        { "tiny-qwen3-f32", 72 },
        { "tiny-window-f16", 72 },
    };

    /// <summary>Opens the device.</summary>
    protected abstract Device Create();

    [Theory]
    [MemberData(nameof(Folders))]
    public void Attention_and_logits_stay_within_their_bounds_and_all_traces_agree(string folder, int traces)
    {
        var verifier = new Verifier(ClassFixture.Shared(Create));
        var report = verifier.Verify(Repository.Path("tests", "golden", folder));
        Assert.Equal(["plain", "masked"], report.Runs.Select(run => run.Name));
        Assert.Equal(traces, report.Runs.Sum(run => run.TraceCount));
        foreach (var run in report.Runs)
        {
            Assert.InRange(run.AttentionError, 0, run.Bounds.Attention);
            Assert.InRange(run.StreamError, 0, run.Bounds.Stream);
            Assert.InRange(run.LogitError / run.LargestLogit, 0, run.Bounds.Logit);
            Assert.Empty(run.Misses);
        }
    }
}
