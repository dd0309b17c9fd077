namespace RatIlgpu.Analysis.Tests;

public sealed class ScoredCasesTests
{
    // Sums are rounded to 2⁻⁴⁰.
    const double Arithmetic = 1e-10;

    public static TheoryData<string, string> Names => [.. ScoredCases.All.Where(one => !one.NeedsRun)
        .Select(one => (one.Checkpoint, one.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Detectors_score_patterns_by_formula(string checkpoint, string name)
    {
        var scored = Assert.Single(
            ScoredCases.All, one => one.Checkpoint == checkpoint && one.Name == name);
        Assert.Equal(scored.Expected, scored.OfFormula(), Arithmetic + scored.Slack);
    }

    [Fact]
    public void A_uniform_head_has_the_figures_of_the_closed_forms()
    {
        Assert.Equal(0.01138, ClosedForms.UniformOffset(512, 1), 5e-6);
        Assert.Equal(0.01331, ClosedForms.UniformFirst(512), 5e-6);
        Assert.Equal(0.002707, ClosedForms.UniformInduction(256), 5e-7);
    }
}
