using System.Text.Json;
using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tracing;

namespace RatIlgpu.Testing;

/// <summary>Holds the weighted rows of traces on a device to the float64 reference, for the model and the clean prompt
/// of <see cref="AttributionFixture"/>.</summary>
public abstract class WeightedTraceContract : IClassFixture<ClassFixture>
{
    static readonly AttributionFixture Fixture = new();

    /// <summary>Opens the device.</summary>
    protected abstract Device Create();

    [Theory]
    [InlineData(AttentionWeights.Value, "weighted")]
    [InlineData(AttentionWeights.Info, "weighted")]
    [InlineData(AttentionWeights.Contribution, "contribution")]
    public void Rows_are_those_of_the_reference(AttentionWeights weights, string name)
    {
        using var model = Fixture.On(ClassFixture.Shared(Create));
        using var reference = JsonDocument.Parse(
            File.ReadAllText(Repository.Path("tests/reference/flow_fixture.json")));
        var isOfHeads = weights != AttentionWeights.Contribution;
        var rows = WeightedRows.Of(
            model, AttributionFixture.Clean, new() { Weights = weights, Predictions = 0 },
            isOfHeads ? [.. Enumerable.Range(0, model.Config.HeadCount).Select(HeadAggregation.Head)] : null);
        var prefix = isOfHeads ? $"{weights.ToString().ToLowerInvariant()}," : "";
        var expected = reference.RootElement.GetProperty(name).EnumerateObject()
            .Where(row => row.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        Assert.Equal(rows.Count, expected.Count);
        foreach (var (at, row) in rows)
        {
            var key = isOfHeads ? $"{prefix}L{at.Layer}H{at.Heads},{at.Position}" : $"{at.Layer},{at.Position}";
            var numbers = expected.Single(one => one.Name == key).Value.EnumerateArray().ToList();
            Assert.Equal(numbers.Count, row.Length);
            foreach (var (number, found) in numbers.Select(one => one.GetDouble()).Zip(row))
                Assert.InRange(Math.Abs(found - number), 0, 1e-4 * number);
        }
    }
}

/// <summary>Reads the rows that a trace searches.</summary>
static class WeightedRows
{
    /// <summary>Returns the row of every position, at every layer or those given.</summary>
    public static Dictionary<(int Position, int Layer, HeadAggregation Heads), double[]> Of(
        Qwen2Model model,
        ImmutableArray<int> ids,
        TraceOptions options,
        ImmutableArray<HeadAggregation>? heads = null,
        params ImmutableArray<int> layers)
    {
        if (layers.IsEmpty)
            layers = [.. Enumerable.Range(0, model.Config.LayerCount)];
        var axes = new TraceAxes
        {
            Positions = [.. Enumerable.Range(0, ids.Length).Select(position => (Index)position)],
            Layers = [.. layers.Select(layer => (Index)layer)],
            Heads = heads is { } chosen ? chosen : null,
        };
        var plan = TracePlan.Make(model, ids.AsSpan(), axes, options);
        var found = TraceRun.OfAll(model, [plan], (_, _, _, _) => { }, null, default)[0];
        return plan.Traces.Zip(found).ToDictionary(
            pair => (pair.First.TargetPosition.Value, pair.First.Layer.Value, pair.First.Heads),
            pair => pair.Second.TargetAttention.ToArray());
    }
}
