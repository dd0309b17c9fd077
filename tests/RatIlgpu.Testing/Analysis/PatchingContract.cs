using RatIlgpu.Analysis;
using RatIlgpu.Models;

namespace RatIlgpu.Testing;

/// <summary>Holds patching on a device to the float64 reference.</summary>
public abstract class PatchingContract : IClassFixture<ClassFixture>
{
    // Effects go to 0.6; a sweep goes through three layers of F32.
    const double Tolerance = 1e-4;

    public static TheoryData<HeadInput, KeyValueScope, NormTreatment> Variants => [.. AllVariants];

    // Query heads share no query.
    internal static IEnumerable<(HeadInput Input, KeyValueScope Scope, NormTreatment Norm)> AllVariants =>
        from input in Enum.GetValues<HeadInput>()
        from scope in Enum.GetValues<KeyValueScope>()
        from norm in Enum.GetValues<NormTreatment>()
        where input != HeadInput.Query || scope == KeyValueScope.QueryHead
        select (input, scope, norm);

    /// <summary>Opens the device.</summary>
    protected abstract Device Create();

    AttributionFixture Fixture { get; } = ClassFixture.Shared(() => new AttributionFixture());

    Qwen2Model Model => ClassFixture.Shared(() => Fixture.On(ClassFixture.Shared(Create)));

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_path_has_the_metric_of_the_reference(HeadInput input, KeyValueScope scope, NormTreatment norm)
    {
        var expected = Fixture.Results.GetProperty("dpp").GetProperty(NameOf(input, scope, norm));
        var sweep = new DirectPathPatching(Model).SweepAll(
            Pair, input, Metric, new() { Scope = scope, Norm = norm }).ToList();
        Assert.Equal(AttributionFixture.Config.LayerCount * AttributionFixture.Config.HeadCount, sweep.Count);
        var largest = 0.0;
        foreach (var map in sweep)
        {
            var name = $"{map.Target.Source.Layer},{map.Target.Source.Head}";
            var paths = expected.TryGetProperty(name, out var found)
                ? found.EnumerateObject().ToDictionary(one => Parse(one.Name), one => one.Value.GetDouble())
                : [];
            Assert.Equal(paths.Keys.Order().Select(head => (PatchCell)head), map.Patched);
            foreach (var (destination, value) in paths)
            {
                Assert.Equal(value, map[destination]!.Value, Tolerance * Math.Abs(value));
                largest = double.Max(largest, double.Abs(map.Effect(destination)!.Value));
            }
        }

        Assert.InRange(largest, 0.15, 1);
    }

    [Fact]
    public void A_sweep_knows_the_metrics_of_both_runs()
    {
        var map = new DirectPathPatching(Model).Sweep(Pair, new(0, 1), HeadInput.Query, Metric);
        Assert.Equal(Fixture.Results.GetProperty("metric_clean").GetDouble(), map.CleanMetric, Tolerance);
        Assert.Equal(Fixture.Results.GetProperty("metric_corrupted").GetDouble(), map.CorruptedMetric, Tolerance);
    }

    [Fact]
    public void Every_patched_stream_has_the_metric_of_the_reference() => Holds(
        "resid_pre", new(Activation.ResidualBefore, PatchAxes.Position), (layer, place) => new(layer, place));

    [Fact]
    public void Every_patched_head_has_the_metric_of_the_reference() => Holds(
        "z_all_pos", new(Activation.HeadOutput, PatchAxes.Head), (layer, place) => new(layer, Head: place));

    void Holds(string name, PatchTarget target, Func<int, int, PatchCell> cell)
    {
        var grid = new ActivationPatching(Model).Sweep(Pair, target, Metric);
        foreach (var (layer, row) in Fixture.Results.GetProperty("act").GetProperty(name).EnumerateArray().Index())
            foreach (var (place, value) in row.EnumerateArray().Index())
                Assert.Equal(
                    value.GetDouble(), grid[cell(layer, place)]!.Value, Tolerance * Math.Abs(value.GetDouble()));
        Assert.InRange(Math.Abs(grid.Largest(1)[0].Effect), 0.15, 2);
    }

    static PromptPair Pair =>
        new(AttributionFixture.Clean.AsSpan(), AttributionFixture.Corrupted.AsSpan());

    static LogitMetric Metric =>
        new LogitMetric.Logit(new(AttributionFixture.Answer, AttributionFixture.Foil), ^1);

    static string NameOf(HeadInput input, KeyValueScope scope, NormTreatment norm)
    {
        var letter = char.ToLowerInvariant(input.ToString()[0]);
        var who = scope == KeyValueScope.QueryHead ? "queryhead" : "kvgroup";
        return $"{letter}/{who}/{(norm == NormTreatment.FrozenScale ? "frozen" : "recomputed")}";
    }

    static HeadIndex Parse(string name)
    {
        var parts = name.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new(parts[0], parts[1]);
    }
}
