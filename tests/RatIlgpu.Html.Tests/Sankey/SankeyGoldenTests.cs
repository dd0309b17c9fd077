using RatIlgpu.Testing;

namespace RatIlgpu.Html.Tests.Sankey;

/// <summary>Holds whole drawings to text files, which <c>UPDATE_GOLDEN=1</c> rewrites.</summary>
public sealed class SankeyGoldenTests
{
    static readonly Dictionary<string, TraceResult> Traces = new()
    {
        ["five-paths"] = SampleTrace.FivePaths(),
        ["twenty-paths"] = SampleTrace.Random(tokens: 64, paths: 20, longest: 4),
        ["one-path"] = SampleTrace.Of(SampleTrace.Sentence, ([19, 15, 2, 0], [0.5, 0.25, 0.75])),
        ["single-token"] = SampleTrace.Of(SampleTrace.Sentence, ([0], [])),
        // What a drawing has least room for: the first and the last token, and those of the densest columns.
        ["wide-tokens"] = SampleTrace.Of(
            [
                "internationalization", " 注意力机制的可视化方法与应用研究", " 👩‍🚀👩‍🚀👩‍🚀", " straightforwardness", "\n",
                " неуверенность", " interpretability",
            ],
            ([6, 5, 3, 2, 1, 0], [0.9, 0.9, 0.9, 0.9, 0.9]),
            ([6, 4, 2, 0], [0.5, 0.5, 0.5])),
        // Six links that cross 1 to 6 columns, beside the path that makes the columns.
        ["long-links"] = SampleTrace.Of(
            SampleTrace.Sentence,
            ([19, 17, 14, 11, 8, 5, 2, 0], [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]),
            ([19, 0], [0.5]),
            ([19, 2, 0], [0.5, 0.9]),
            ([19, 17, 5, 0], [0.9, 0.4, 0.6]),
            ([19, 8, 0], [0.6, 0.3])),
    };

    public static TheoryData<string> Cases => new(Traces.Keys);

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_drawing_is_the_one_on_record(string name)
    {
        var trace = Traces[name];
        var paths = new PathSet([.. trace.Paths.Select(path => path.Positions)], trace.PathWeights);
        var drawn = string.Join("\n\n", Enum.GetValues<ColumnMode>().Select(Draw)) + "\n";
        var file = Repository.Path("tests", "RatIlgpu.Html.Tests", "Sankey", $"{name}.golden.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, drawn);
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), drawn);

        string Draw(ColumnMode mode)
        {
            var layout = SankeyLayout.Of(paths, mode);
            var labels = Labels.Of(layout, position => TokenGlyphs.Show(trace.Tokens[position], 400));
            return $"{mode}\n{LayoutText.Of(layout)}\n{LayoutText.Of(labels)}";
        }
    }
}
