using System.Text.Json;
using RatIlgpu.Models;
using RatIlgpu.Tracing;

namespace RatIlgpu.Testing;

/// <summary>Holds flows through all layers on a device to the numbers of <c>tests/reference/flow_oracle.py</c>, which
/// has the model and the prompt of <see cref="AttributionFixture"/>.</summary>
public abstract class FlowContract : IClassFixture<ClassFixture>
{
    /// <summary>An F32 run through three layers against one in F64, as a share of each number.</summary>
    const double Relative = 1e-4;

    static readonly JsonElement Results = JsonDocument.Parse(
        File.ReadAllText(Repository.Path("tests/reference/flow_fixture.json"))).RootElement;

    public static TheoryData<FlowMethod> Methods => [.. Enum.GetValues<FlowMethod>()];

    protected abstract Device Create();

    AttributionFixture Fixture { get; } = ClassFixture.Shared(() => new AttributionFixture());

    Qwen2Model Model => ClassFixture.Shared(() => Fixture.On(ClassFixture.Shared(Create)));

    [Theory]
    [MemberData(nameof(Methods))]
    public void Rows_of_each_layer_are_those_of_the_reference(FlowMethod method)
    {
        var layers = Results.GetProperty(Name(method));
        Assert.Equal(AttributionFixture.Config.LayerCount, layers.GetArrayLength());
        foreach (var (layer, rows) in layers.EnumerateArray().Index())
        {
            // The shares of a single layer are its row.
            var found = Find(new() { Method = method, FromLayer = layer, ToLayer = layer }, [.. Range(rows)]);
            foreach (var (row, one) in rows.EnumerateArray().Zip(found))
                Near(Numbers(row), one.Shares, $"layer {layer}");
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Shares_are_those_of_the_reference(FlowMethod method)
    {
        foreach (var (target, one) in FindTargets(method))
            Near(
                Numbers(Results.GetProperty("shares").GetProperty($"{Name(method)},{target}")), one.Shares,
                $"position {target}");
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Paths_are_those_of_the_reference(FlowMethod method)
    {
        foreach (var (target, one) in FindTargets(method))
        {
            var paths = Results.GetProperty("paths").GetProperty($"{Name(method)},{target}");
            Assert.Equal(paths.GetArrayLength(), one.Paths.Length);
            foreach (var (expected, path) in paths.EnumerateArray().Zip(one.Paths))
            {
                Assert.Equal(Numbers(expected.GetProperty("positions")).Select(number => (int)number), path.Positions);
                Near([expected.GetProperty("log").GetDouble()], [path.Score], "log");
                Near([expected.GetProperty("probability").GetDouble()], [path.Probability], "probability");
            }
        }
    }

    IEnumerable<(int Target, FoundFlow Found)> FindTargets(FlowMethod method) =>
        new[] { 3, 6 }.Zip(Find(new() { Method = method }, [3, 6]));

    ImmutableArray<FoundFlow> Find(FlowOptions options, ImmutableArray<int> targets)
    {
        var ids = AttributionFixture.Clean.AsSpan();
        var resolved = options.Resolve(ids.Length, AttributionFixture.Config.LayerCount);
        return FlowRun.Of(Model, ids, targets, resolved, null, TestContext.Current.CancellationToken);
    }

    static string Name(FlowMethod method) => method == FlowMethod.Norm ? "flow" : "rollout";

    static IEnumerable<int> Range(JsonElement rows) => Enumerable.Range(0, rows.GetArrayLength());

    static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    static void Near(double[] expected, ImmutableArray<double> found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (left, right) in expected.Zip(found))
            Assert.True(Math.Abs(left - right) <= Relative * Math.Abs(left), $"{what}: {right}, expected {left}");
    }
}
