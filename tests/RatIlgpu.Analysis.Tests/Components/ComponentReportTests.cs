using System.Text.Json;

namespace RatIlgpu.Analysis.Tests.Components;

public sealed class ComponentReportTests
{
    [Fact]
    public void What_a_file_has_not_is_the_delta_of_its_matrix()
    {
        using var bench = new InductionBench();
        var found = Enum.GetValues<AttentionProjection>().Select(projection =>
            MatrixReport.Of(bench.Model, bench.Decomposition, projection)).ToList();
        Assert.Equal([16, 16, 0, 0], found.Select(matrix => matrix.Count));
        Assert.Equal(0, found[0].DeltaShare!.Value, 1e-6);
        Assert.Equal(0, found[1].DeltaShare!.Value, 1e-6);
        Assert.Equal(1, found[2].DeltaShare!.Value);

        // Outputs have a head for each query head, keys one for each key/value head.
        Assert.Equal([4, 2, 2, 4], found.Select(matrix => matrix.Norms.Axes[1].Labels.Length));
        Assert.All(found[1].Spreads, spread => Assert.Equal(new(0, 2, 1, 1), spread));
    }

    [Fact]
    public void Drawn_weights_have_the_largest_number_of_each_block_which_crosses_no_head()
    {
        using var bench = new InductionBench();
        var found = MatrixReport.Of(bench.Model, bench.Decomposition, AttentionProjection.Query).Weights;
        Assert.Equal([3 + 16, 64, 64], found.Axes.Select(axis => axis.Labels.Length));
        Assert.Equal(["matrix", "sum", "delta", "0", "1"], found.Axes[0].Labels.Take(5));
        Assert.Equal(["0:0", "0:2"], found.Axes[1].Labels.Take(2));
        Assert.Equal("2:0", found.Axes[1].Labels[32]);
        var weight = ProjectionWeight.Of(bench.Model, 1, AttentionProjection.Query);
        for (var row = 0; row < 64; row++)
            for (var column = 0; column < 64; column++)
                Assert.Equal(
                    (double)new[] { (0, 0), (0, 1), (1, 0), (1, 1) }
                        .Select(at => weight.Row((2 * row) + at.Item1)[(2 * column) + at.Item2]).MaxBy(Math.Abs),
                    found[0, row, column]!.Value, 1e-12);

        // Every reported component is drawn, with the largest of its products in a block.
        var matrix = bench.Decomposition[AttentionProjection.Query];
        for (var component = 0; component < 16; component++)
            for (var row = 0; row < 64; row++)
                for (var column = 0; column < 64; column++)
                    Assert.Equal(
                        new[] { (0, 0), (0, 1), (1, 0), (1, 1) }.Select(at =>
                            matrix.Output(component)[(2 * row) + at.Item1]
                            * matrix.Direction(component)[(2 * column) + at.Item2]).MaxBy(Math.Abs),
                        found[3 + place(component), row, column]!.Value, 1e-12);

        int place(int component) => found.Axes[0].Labels.Items.IndexOf($"{component}") - 3;
    }

    [Fact]
    public void Strengths_are_singular_values_or_the_importance_of_the_file()
    {
        using var bench = new InductionBench();
        var svd = MatrixReport.Of(bench.Model, Decomposition.Svd(bench.Model, 1), AttentionProjection.Key, most: 2);
        Assert.Equal(
            Decomposition.Svd(bench.Model, 1)[AttentionProjection.Key].Energies.Select(Math.Sqrt), svd.Strengths);
        Assert.Equal(svd.Strengths.OrderDescending(), svd.Strengths);
        Assert.Equal(2, svd.Components.Length);
    }

    [Fact]
    public void A_story_tells_the_keys_with_the_largest_scores_and_the_values_beside_them()
    {
        var scores = new LabelledArray(
            [
                new("offset", ["0", "1", "3"]), new("head", ["0", "1"]), new("query_term", ["7", "bias"]),
                new("key_term", ["4", "5", "bias"]),
            ],
            [
                // Both heads at 0 and 1; what is at 3 is not looked at.
                1, -1, 9, 9, 9, 9, 0.5, 0, 9, 9, 9, 9, 2, -4, 9, 9, 9, 9, 1, -0.5, 9, 9, 9, 9,
                50, 50, 9, 9, 9, 9, 50, 50, 9, 9, 9, 9,
            ]);
        var activity = new ComponentActivity(
            0, 10, 0.1,
            [
                .. Enum.GetValues<AttentionProjection>().Select(projection => new MatrixActivity(
                    projection, projection == AttentionProjection.Key ? [4] : [2, 3], [], [], [], scores)),
            ],
            [[new(10, 3, 4, 1), new(10, 3, 3, 3)], [new(10, 3, 4, 1), new(10, 3, 3, 0)]]);
        var story = Assert.Single(ComponentStory.Of(scores, activity));
        Assert.Equal(7, story.Component);
        Assert.Equal(
            new StoryKey(4, 3, 1, [0, 1], [1.5, 3], [new(3, 3), new(2, 2)]), Assert.Single(story.LooksFor));
        Assert.Equal(new StoryKey(5, -4.5, 1, [0, 1], [-1, -4.5], []), Assert.Single(story.Avoids));
    }

    [Fact]
    public void The_json_and_the_markdown_have_the_report_and_escape_the_tokens()
    {
        using var demo = new Demo();
        var report = demo.Report("When Mary|<b>*");
        using var json = JsonDocument.Parse(ComponentsJson.Write(report, demo.Model, new() { Command = "x|y" }));
        var root = json.RootElement;
        Assert.Equal("components", root.GetProperty("kind").GetString());
        Assert.Equal(report.Layer, root.GetProperty("layer").GetInt32());
        Assert.Equal(
            report.Scores.Values.Values.Select(value => value!.Value),
            root.GetProperty("scores").GetProperty("contributions").GetProperty("values").EnumerateArray()
                .Select(value => value.GetDouble()));
        Assert.Equal(
            report.Induction[0].Score, root.GetProperty("induction")[0].GetProperty("score").GetDouble());
        Assert.DoesNotContain("NaN", root.GetRawText(), StringComparison.Ordinal);
        var markdown = ComponentsMarkdown.Write(report, demo.Model, new() { Command = "x|y" });
        Assert.StartsWith(ComponentsMarkdown.Mark, markdown, StringComparison.Ordinal);
        Assert.Contains("Made by: x\\|y", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", markdown, StringComparison.Ordinal);
        foreach (var table in ComponentTables.Of(report, demo.Model.Tokenizer.Token))
            Assert.All(table.Rows, row => Assert.Equal(table.Columns.Length, row.Length));
        Assert.Equal(
            ComponentTables.Of(report, demo.Model.Tokenizer.Token).Sum(table => 1 + table.Rows.Length),
            markdown.Split('\n').Count(line => line.StartsWith("| ", StringComparison.Ordinal)
                && !line.StartsWith("| --- ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_same_report_is_made_of_a_second_run()
    {
        using var demo = new Demo();
        Assert.Equal(demo.Report("When Mary"), demo.Report("When Mary"));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        using var demo = new Demo();
        foreach (var options in (ComponentOptions[])
        [
            new() { Most = 0 }, new() { Pairs = 0 }, new() { Keys = 0 }, new() { Threshold = 0 },
            new() { Offsets = [-1] },
        ])
            Assert.Throws<ArgumentOutOfRangeException>(() => demo.Report("When", options));
        Assert.Throws<ArgumentException>(() => demo.Report("When", new() { Offsets = [] }));
    }

    sealed class Demo : IDisposable
    {
        readonly CpuDevice device = new();

        public Demo() => Model = LanguageModel.Load(DemoModel.Folder, device);

        public LanguageModel Model { get; }

        public ComponentReport Report(string prompt, ComponentOptions? options = null)
        {
            var ids = Model.EncodePrompt(prompt);
            var components = Decomposition.Svd(Model.Network, 3, DecompositionKind.HeadSvd);
            var run = new Recorder(Model.Network).Record(ids.AsSpan(), ComponentScores.Captures(3));
            var repeats = new RepeatedSequences(
                Model.Tokenizer, Model.Config.VocabularySize, new() { LeastHalfLength = 8, MostHalfLength = 8 });
            return ComponentReport.Of(
                Model.Network, components, run, ^1, [[.. ids]], [repeats.Make(0)], [1],
                options ?? new() { Most = 3, Pairs = 2 });
        }

        public void Dispose()
        {
            Model.Dispose();
            device.Dispose();
        }
    }
}
