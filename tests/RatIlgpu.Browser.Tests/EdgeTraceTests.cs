using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Tracing;

namespace RatIlgpu.Browser.Tests;

/// <summary>Traces with little or nothing to draw, and one of a real model.</summary>
public sealed class EdgeTraceTests(Chromium chromium) : PageTests(chromium)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_trace_with_nothing_to_draw_says_why_and_its_controls_work(int bars)
    {
        var trace = bars == 0 ? SampleTrace.Of(SampleTrace.Sentence) : SampleTrace.Of(["Hello"], ([0], []));
        Open(trace);
        Assert.Equal(bars, All(".nd").Count);
        Assert.True(Find("#empty").Displayed);
        Assert.Equal(TraceWords.WhyEmpty(trace), Find("#empty").Text);
        Assert.Empty(All(".ln"));
        Click("button[data-set='cols'][value='position']");
        Click("#zoom-in");
        Press("0", "]", "?", Keys.Escape);
        Click(".t[data-i='0']");
        Assert.Equal("n0", Data("sel"));
        Assert.Contains("0", Find("#info").Text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", Find("main").GetDomProperty("innerHTML"), StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Parse(Exported("svg")).Root!.Name.LocalName);
        Assert.Single(Exported("csv").Split("\r\n")[..^1]);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void The_page_of_a_real_model_needs_no_network()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var trace = new ReverseAttentionTracer(model)
            .TraceText("When Mary and John went to the store, John gave a drink to");
        Driver.ExecuteCdpCommand("Network.enable", []);
        Connect(isOffline: true);
        try
        {
            Open(trace);
            Assert.Equal(trace.Paths.Length, All("#paths li").Count);
            Assert.Equal(trace.Sankey.Nodes.Length, All(".nd").Count);
            Click("#paths button[data-beam='0']");
            Assert.Contains(
                $"{trace.Paths[0].Score:F4}", Find("#info").Text.Replace('−', '-'), StringComparison.Ordinal);
            Assert.Equal(TraceJson.Write(trace), Exported("json"));
            Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
        }
        finally
        {
            Connect(isOffline: false);
        }
    }

    void Connect(bool isOffline) => Driver.ExecuteCdpCommand("Network.emulateNetworkConditions", new()
    {
        ["offline"] = isOffline,
        ["latency"] = 0,
        ["downloadThroughput"] = -1,
        ["uploadThroughput"] = -1,
    });
}
