using System.Collections.Immutable;
using System.Text.Json;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

/// <summary>Holds the parts that follow a search against traces made by the reference in <c>tests/golden</c>.</summary>
public sealed class GoldenTraceTests
{
    public static TheoryData<string> Cases =>
        new(Directory.GetDirectories(Folder()).Select(folder => Path.GetFileName(folder)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Scores_are_sums_of_logarithms_normalised(string name) => Assert.All(Traces(name), trace =>
    {
        var normalization = LengthNormalization.Parse(trace.GetProperty("length_norm").GetString()!);
        Assert.All(Paths(trace), path =>
        {
            Assert.Equal(path.EdgeAttentions.Sum(Math.Log), path.RawScore, 1e-9);
            Assert.Equal(normalization.Apply(path.RawScore, path.EdgeCount), path.Score, 1e-9);
        });
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sankey_data_follow_from_the_paths(string name) => Assert.All(Traces(name), trace =>
    {
        var paths = Paths(trace);
        ImmutableArray<TokenText> tokens = [.. Enumerable.Repeat(new TokenText(0, "", []), 64)];
        var weights = PathWeights.Softmax([.. paths.Select(path => path.Score)]);
        var sankey = SankeyGraph.Build(paths, weights, 0, tokens);

        var golden = trace.GetProperty("sankey");
        Assert.Equal(Integers(golden.GetProperty("nodes")), sankey.Nodes.Select(node => node.Position));
        var links = golden.GetProperty("links").EnumerateArray().ToArray();
        Assert.Equal(links.Length, sankey.Links.Length);
        Assert.All(links.Zip(sankey.Links), pair =>
        {
            var (expected, link) = pair;
            Assert.Equal(expected.GetProperty("source").GetInt32(), link.Source);
            Assert.Equal(expected.GetProperty("target").GetInt32(), link.Target);
            Assert.Equal(expected.GetProperty("value").GetDouble(), link.Value, 1e-9);
            Assert.Equal(Integers(expected.GetProperty("beams")), link.PathIndices);
        });
    });

    static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RatIlgpu.sln")))
            folder = folder.Parent!;
        return Path.Combine(folder.FullName, "tests", "golden");
    }

    static JsonElement[] Traces(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder(), name, "golden.json"));
        var traces = JsonElement.Parse(text).GetProperty("traces").EnumerateArray().ToArray();
        Assert.NotEmpty(traces);
        return traces;
    }

    static ImmutableArray<BeamPath> Paths(JsonElement trace) =>
    [
        .. trace.GetProperty("beams").EnumerateArray().Select(beam => new BeamPath(
            Integers(beam.GetProperty("positions")),
            [.. beam.GetProperty("edge_attns").EnumerateArray().Select(attention => attention.GetDouble())],
            beam.GetProperty("score_raw").GetDouble(),
            beam.GetProperty("score_norm").GetDouble())),
    ];

    static ImmutableArray<int> Integers(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];
}
