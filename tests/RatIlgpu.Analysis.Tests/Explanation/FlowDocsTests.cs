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
    }

    [Fact]
    public void The_code_that_runs_is_the_code_shown()
    {
        var shown = File.ReadAllText(Repository.Path("docs/flow.md")).Split("```csharp\n")[1].Split("```")[0];
        var run = File.ReadAllText(Repository.Path("tests/RatIlgpu.Analysis.Tests/Explanation/FlowDocsTests.cs"));
        foreach (var line in shown.Split('\n').Select(line => line.Trim()))
            if (!line.StartsWith("using RatIlgpu", StringComparison.Ordinal)
                && !line.StartsWith("Console.", StringComparison.Ordinal))
                Assert.Contains(line, run, StringComparison.Ordinal);
    }
}
