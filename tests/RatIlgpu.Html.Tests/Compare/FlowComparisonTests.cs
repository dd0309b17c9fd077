using System.Text.Json;
using RatIlgpu.Html.Tests.Flow;

namespace RatIlgpu.Html.Tests.Compare;

public sealed class FlowComparisonTests
{
    static readonly FlowResult A = SampleFlow.FourPaths(), B = SampleFlow.Swapped();

    [Fact]
    public void Tokens_differ_by_their_exact_shares_the_largest_difference_first()
    {
        var tokens = new FlowComparison(A, B).Tokens;
        Assert.Equal(
            [(3, 3, -0.3), (0, 0, 0.2), (1, 1, 0.1), (2, 2, 0.0), (4, 4, 0.0)],
            tokens.Select(pair => (pair.A, pair.B, Math.Round(pair.Difference, 9))));
    }

    [Fact]
    public void Steps_correspond_in_layers_of_one_number_and_differ_by_the_paths_that_take_them()
    {
        var comparison = new FlowComparison(A, B);
        // " Mary" to " to" in layer 3 has two paths of A and one of B.
        var mary = comparison.Links.Single(pair => pair.A >= 0
            && comparison.SideA.EndsOf(pair.A) == (4, 1, 3));
        Assert.Equal((4, 1, 3), comparison.SideB.EndsOf(mary.B));
        Assert.Equal((0.5, 0.1), (Math.Round(mary.ShareA, 9), mary.ShareB));
        // Layers of other numbers do not correspond.
        var later = B with { Options = B.Options with { FromLayer = 1, ToLayer = 4 }, Model = new("m", 5, 8) };
        Assert.DoesNotContain(
            new FlowComparison(A, later).Links,
            pair => pair is { A: >= 0, B: >= 0 } && comparison.SideA.EndsOf(pair.A).Layer == 0);
    }

    [Fact]
    public void Paths_correspond_if_their_layers_and_tokens_do()
    {
        Assert.Equal(
            [(3, 0), (1, -1), (0, 2), (2, 1)], new FlowComparison(A, B).Paths.Select(pair => (pair.A, pair.B)));
        var shorter = SampleFlow.Of(SampleFlow.Words, [0, 0, 0, 0, 1.0], (0.5, [4, 4]));
        var apart = new FlowComparison(A, shorter);
        Assert.All(apart.Paths, pair => Assert.True(pair.A < 0 || pair.B < 0));
    }

    [Fact]
    public void The_page_says_which_layers_and_which_methods_differ()
    {
        Assert.Null(new FlowComparison(A, B).Caution);
        Assert.Equal(
            "A goes through layers 0 to 3, B through layers 1 to 3: no path of one is one of the other.",
            Caution(B.Options with { FromLayer = 1 }));
        Assert.Equal(
            "A goes through layers 0 to 3, B through layer 2: no path of one is one of the other.",
            Caution(B.Options with { FromLayer = 2, ToLayer = 2 }));
        Assert.Equal(
            "The flow of A is by norm, that of B by rollout: their shares do not measure the same.",
            Caution(B.Options with { Method = FlowMethod.Rollout }));
        Assert.Equal(
            "The flow of A is by norm, that of B by rollout: their shares do not measure the same. A goes through "
            + "layers 0 to 3, B through layers 0 to 2: no path of one is one of the other.",
            Caution(B.Options with { Method = FlowMethod.Rollout, ToLayer = 2 }));

        // The notice is where a trace has its own.
        string Caution(FlowOptions options)
        {
            var html = ComparePage.Render(A, Through(options)).Html;
            return PageText.Between(html.Split("</noscript>")[1], "<p class=\"notice\">", "</p>");
        }

        static FlowResult Through(FlowOptions options)
        {
            var steps = options.ToLayer.Value - options.FromLayer.Value + 1;
            var flow = SampleFlow.Of(SampleFlow.Words, [0, 0, 0, 0, 1.0], (0.5, [.. Enumerable.Repeat(4, steps + 1)]));
            return flow with { Options = options };
        }
    }

    [Fact]
    public void Equal_flows_are_said_to_be_equal()
    {
        Assert.True(ComparePage.AreEqual(A, A with { Notices = ["Another."] }));
        Assert.False(ComparePage.AreEqual(A, A with { Prompt = 3 }));
        Assert.True(new FlowComparison(A, A with { Notices = ["Another."] }).AreEqual);
        Assert.False(new FlowComparison(A, B).AreEqual);
        Assert.Contains(
            "Both flows are equal: there is no difference to show.", ComparePage.Render(A, A).Html,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Both_diagrams_have_one_scale()
    {
        using var data = PageData.Of(ComparePage.Render(A, B).Html);
        // The path that stays has a probability of 0.15 in both.
        Assert.Equal(WidthOf("a", 2), WidthOf("b", 1));

        double WidthOf(string side, int path) => data.RootElement.GetProperty(side).GetProperty("layouts")
            .GetProperty("layers").GetProperty("ribbons").EnumerateArray()
            .First(ribbon => ribbon[0].GetInt32() == path)[2].GetDouble();
    }

    [Fact]
    public void The_page_names_steps_with_their_layers_and_stays_alone()
    {
        var html = ComparePage.Render(A, B, new() { NameA = "<i>" }).Html;
        PageText.IsAlone(html);
        Assert.Contains("<h1>Two flows through all layers</h1>", html, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"Step 1\">1</button> L3", html, StringComparison.Ordinal);
        Assert.Contains("<bdi>·John</bdi> 3 / <bdi>·Anna</bdi> 3", html, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"hops\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", html.Replace("<i></i>", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_has_layers_of_steps()
    {
        using var json = JsonDocument.Parse(CompareJson.Write(A, B, new() { NameB = "b" }));
        Assert.Equal("compare-flow", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal("b", json.RootElement.GetProperty("b").GetProperty("name").GetString());
        Assert.All(
            json.RootElement.GetProperty("links").EnumerateArray().Select(link => link.GetProperty("a"))
                .Where(side => side.ValueKind == JsonValueKind.Object),
            side => Assert.InRange(side.GetProperty("layer").GetInt32(), 0, 3));
    }

    [Fact]
    public void The_figure_has_both_diagrams_and_the_scale()
    {
        var svg = ComparePage.ToSvg(A, B, new() { NameA = "left", NameB = "right" });
        foreach (var text in (string[])[">left<", ">right<", ">L3<", "Difference of share", ">·Anna<"])
            Assert.Contains(text, svg, StringComparison.Ordinal);
    }
}
