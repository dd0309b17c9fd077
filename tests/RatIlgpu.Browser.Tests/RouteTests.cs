using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>How paths are written.</summary>
public sealed class RouteTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_path_is_written_earliest_token_first()
    {
        Open(SampleTrace.Of(["a", "b", "c"], ([2, 1, 0], [0.5, 0.5])));
        Assert.Equal("a → b → c", Plain(Find(".route").Text));
        Click("#paths button");
        Assert.Contains("a 0 → b 1\n0.50000\nb 1 → c 2", Plain(Find("#info").Text), StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_that_read_alike_have_positions()
    {
        Open(SampleTrace.Of(["a", "b", "b", "c"], ([3, 1, 0], [0.5, 0.5]), ([3, 2, 0], [0.5, 0.5]), ([3, 0], [0.5])));
        Assert.Equal(
            ["a → b@1 → c", "a → b@2 → c", "a → c"], All(".route").Select(route => Plain(route.Text)));
    }

    [Fact]
    public void A_small_share_is_not_shown_as_nothing()
    {
        var trace = SampleTrace.Of(["a", "b"], ([1, 0], [0.5]));
        Open(trace with { PathWeights = [0.000149] });
        Assert.EndsWith("· 0.015 %", Find("#paths .number").Text, StringComparison.Ordinal);
    }

    static string Plain(string text) => text.Replace("\u2068", "", StringComparison.Ordinal)
        .Replace("\u2069", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
}
