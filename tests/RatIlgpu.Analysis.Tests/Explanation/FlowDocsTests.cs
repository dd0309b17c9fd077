using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The code that docs/flow.md shows compiles and runs.</summary>
public sealed class FlowDocsTests
{
    static readonly string[] Expected = ["2_mlp_out 2_mlp_out -1.31", "L0H6 L1H0 0.96", "1_mlp_out L1H0 0.73"];

    [Fact]
    public void The_code_shown_runs()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var ids = model.EncodePrompt("When Mary and John went to the store, John gave a drink to");

        // Why does L3H3 look at " Mary" and not at " John"?
        var found = new AttentionScoreAttributor(model.Network).Explain(
            ids.AsSpan(), new(3, 3), ^1, 1, new() { Reading = ScoreReading.Foil, FoilKey = 3 });
        foreach (var (query, key, value) in found.Top(3))
            Assert.Contains($"{query} {key} {value:F2}", Expected);

        var trace = new ReverseAttentionTracer(model).Trace(
            ids.AsSpan(), new() { Heads = RatIlgpu.Devices.HeadAggregation.Head(3) });
        foreach (var link in new TraceExplainer(model.Network).Explain([trace])[0].Explanations)
            Assert.NotEqual(0, link.Pairs[0].Value);
    }

    [Fact]
    public void The_code_that_runs_is_the_code_shown()
    {
        var blocks = File.ReadAllText(Repository.Path("docs/flow.md")).Split("```csharp\n").Skip(1)
            .Select(block => block.Split("```")[0]).ToList();
        var run = File.ReadAllText(Repository.Path("tests/RatIlgpu.Analysis.Tests/Explanation/FlowDocsTests.cs"));
        Assert.Equal(2, blocks.Count);
        foreach (var line in blocks.SelectMany(block => block.Split('\n')).Select(line => line.Trim()))
            if (!line.StartsWith("using RatIlgpu", StringComparison.Ordinal)
                && !line.StartsWith("Console.", StringComparison.Ordinal))
                Assert.Contains(line, run, StringComparison.Ordinal);
    }
}
