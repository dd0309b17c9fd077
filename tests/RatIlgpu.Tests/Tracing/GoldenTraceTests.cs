using RatIlgpu.Testing;
using RatIlgpu.Text;
using RatIlgpu.Tracing;
using RatIlgpu.Verification;

namespace RatIlgpu.Tests.Tracing;

/// <summary>Holds the parts that follow a search against traces made by the reference in <c>tests/golden</c>.</summary>
public sealed class GoldenTraceTests
{
    public static TheoryData<string> Cases =>
        new(Directory.GetDirectories(Repository.Path("tests", "golden")).Select(folder => Path.GetFileName(folder)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores_are_sums_of_logarithms_normalised(string name) => Assert.All(Traces(name), trace =>
        Assert.All(trace.Paths, path =>
        {
            Assert.Equal(path.EdgeAttentions.Sum(Math.Log), path.RawScore, 1e-9);
            Assert.Equal(
                trace.Options.LengthNormalization.Apply(path.RawScore, path.EdgeCount), path.Score, 1e-9);
        }));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sankey_data_follow_from_the_paths(string name) => Assert.All(Traces(name), trace =>
    {
        ImmutableArray<TokenText> tokens = [.. Enumerable.Repeat(new TokenText(0, "", []), 64)];
        var weights = PathWeights.Softmax([.. trace.Paths.Select(path => path.Score)]);
        var sankey = SankeyGraph.Build(trace.Paths, weights, 0, tokens);

        Assert.Equal(trace.Nodes, sankey.Nodes.Select(node => node.Position));
        Assert.Equal(trace.Links.Length, sankey.Links.Length);
        Assert.All(trace.Links.Zip(sankey.Links), pair =>
        {
            var (expected, link) = pair;
            Assert.Equal((expected.Source, expected.Target), (link.Source, link.Target));
            Assert.Equal(expected.Value, link.Value, 1e-9);
            Assert.Equal(expected.PathIndices, link.PathIndices);
        });
    });

    static ImmutableArray<GoldenTrace> Traces(string name)
    {
        var traces = GoldenFolder.Read(Repository.Path("tests", "golden", name)).Traces;
        Assert.NotEmpty(traces);
        return traces;
    }
}
