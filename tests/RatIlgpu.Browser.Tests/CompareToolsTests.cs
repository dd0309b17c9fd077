using System.Text.Json;
using System.Xml.Linq;
using OpenQA.Selenium;
using OpenQA.Selenium.Interactions;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>Help, list of paths, exports and zoom of the comparison page.</summary>
public sealed class CompareToolsTests(Chromium chromium) : PageTests(chromium)
{
    static HtmlPage FiveAndTwo() => ComparePage.Render(
        SampleTrace.FivePaths(),
        SampleTrace.Of(SampleTrace.Sentence, ([19, 4, 0], [0.5, 0.5]), ([19, 15, 0], [0.25, 0.5])),
        new() { NameA = "five & more", NameB = "two" });

    [Fact]
    public void Help_opens_by_key_and_takes_all_other_keys()
    {
        Open(FiveAndTwo());
        var before = Scale("a");
        Press("?");
        Assert.True(Find("#help").Displayed);
        Press("+");
        Assert.Equal(before, Scale("a"));
        Press(Keys.Escape);
        Assert.False(Find("#help").Displayed);
        Press("+");
        Assert.NotEqual(before, Scale("a"));
    }

    [Fact]
    public void Selecting_a_path_highlights_its_ribbons_and_those_of_its_counterpart()
    {
        Open(FiveAndTwo());
        Assert.Equal(6, All("#paths tbody tr").Count);
        Click("#paths [data-pick='ap3']");
        Assert.Equal("ap3", Data("sel"));
        Assert.Equal("p", Find("#info").GetDomAttribute("data-kind"));
        foreach (var (side, path) in new[] { ("a", "3"), ("b", "0") })
        {
            var lit = All($"#flow-{side} .ln[data-state='on']").Select(line => line.GetDomAttribute("data-beam"));
            Assert.Equal([path], lit.Distinct());
        }

        Open(FiveAndTwo(), "#n=bp1");
        Assert.Equal("bp1", Data("sel"));
        Assert.Contains("no counterpart", Find("#info").Text, StringComparison.Ordinal);
        Assert.Empty(All("#flow-a .ln[data-state='on']"));
    }

    [Fact]
    public void The_exported_picture_has_both_diagrams_and_their_names()
    {
        Open(FiveAndTwo());
        var picture = XDocument.Parse(System.Text.Encoding.UTF8.GetString(Export("svg")));
        var parts = picture.Descendants().ToArray();
        Assert.Equal(All(".ln").Count, parts.Count(part => part.Attribute("data-edge") is not null));
        Assert.Equal(["A five & more", "B two"], picture.Root!.Elements()
            .Where(part => part.Name.LocalName == "text").Select(part => part.Value));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Export("png")[..4]);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void The_exported_data_list_every_token_link_and_path_of_both_traces()
    {
        Open(FiveAndTwo());
        using var json = JsonDocument.Parse(Export("json"));
        var differences = json.RootElement.GetProperty("differences").EnumerateArray().ToArray();
        var both = differences.Single(each => each.GetProperty("kind").GetString() == "path"
            && each.GetProperty("a").ValueKind == JsonValueKind.Object
            && each.GetProperty("b").ValueKind == JsonValueKind.Object);
        foreach (var side in (string[])["a", "b"])
            Assert.Equal([19, 4, 0],
                both.GetProperty(side).GetProperty("positions").EnumerateArray().Select(at => at.GetInt32()));
        var rows = System.Text.Encoding.UTF8.GetString(Export("csv")).Split("\r\n");
        Assert.StartsWith("\ufeffkind,a_position,a_token,", rows[0], StringComparison.Ordinal);
        Assert.Equal(differences.Length + 2, rows.Length);
        Assert.Contains(rows, row => row.StartsWith("path,,,,,19 4 0,,", StringComparison.Ordinal));
    }

    [Fact]
    public void Zooming_scales_both_diagrams_dragging_moves_one_and_the_address_keeps_both()
    {
        Open(FiveAndTwo());
        Click("#flow-b .nd[data-node='15'] rect");
        Script<object?>("document.querySelector('#flow-b .nd[data-node=\"15\"]').focus()");
        var before = Scale("b");
        new Actions(Driver).ScrollFromOrigin(
            new WheelInputDevice.ScrollOrigin { Element = Find("#canvas-b") }, 0, -600).Perform();
        Until(() => Scale("b") != before);
        Assert.Equal(Scale("b"), Scale("a"));
        var (left, other) = (Left("b"), Left("a"));
        new Actions(Driver).MoveToElement(Find("#canvas-b"), 0, 0).ClickAndHold().MoveByOffset(40, 5)
            .MoveByOffset(40, 5).Release().Perform();
        Assert.Equal(80, left - Left("b"), 2.0);
        Assert.Equal(other, Left("a"));
        Assert.Equal("bn15", Data("sel"));
        (before, left) = (Scale("b"), Left("b"));
        Until(() => Driver.Url.Contains("z=", StringComparison.Ordinal)
            && Driver.Url.Contains(left.ToString("0", System.Globalization.CultureInfo.InvariantCulture),
                StringComparison.Ordinal));
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(before, Scale("b"));
        Assert.Equal(left, Left("b"), 1.0);
    }

    string? Scale(string side) => Find("#flow-" + side).GetDomAttribute("data-k");

    double Left(string side) => Number($"document.getElementById('canvas-{side}').scrollLeft");

    byte[] Export(string kind) => Export(kind, "compare");
}
