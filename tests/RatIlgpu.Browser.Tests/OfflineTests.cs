using OpenQA.Selenium;

namespace RatIlgpu.Browser.Tests;

public sealed class OfflineTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_page_from_a_file_makes_no_request_and_logs_nothing()
    {
        Driver.Manage().Logs.GetLog(LogType.Performance);
        Open();
        var requests = Driver.Manage().Logs.GetLog(LogType.Performance)
            .Where(entry => entry.Message.Contains("Network.requestWillBeSent\"", StringComparison.Ordinal))
            .Where(entry => !entry.Message.Contains("about:blank\",\"documentURL", StringComparison.Ordinal))
            // A browser that has just started may still load its own start page.
            .Where(entry => !entry.Message.Contains("\"documentURL\":\"chrome://", StringComparison.Ordinal))
            .Where(entry => entry.Message.Contains("file://", StringComparison.Ordinal)
                || entry.Message.Contains("http", StringComparison.Ordinal))
            .Select(entry => entry.Message);
        Assert.Contains("page.html", Assert.Single(requests), StringComparison.Ordinal);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    [Fact]
    public void Injected_script_does_not_run()
    {
        Open();
        Script<object?>("""
            const script = document.createElement('script');
            script.textContent = 'document.documentElement.dataset.broken = 1';
            document.body.append(script);
            const picture = document.createElement('img');
            picture.setAttribute('onerror', 'document.documentElement.dataset.broken = 1');
            picture.src = 'data:image/png;base64,none';
            document.body.append(picture);
            """);
        Until(() => Driver.Manage().Logs.GetLog(LogType.Browser).Count > 0);
        Assert.Null(Data("broken"));
    }

    [Fact]
    public void The_page_works_in_a_sandboxed_frame()
    {
        Open();
        var page = File.ReadAllText(Folder.Path("page.html"));
        Driver.Navigate().GoToUrl("about:blank");
        Script<object?>("""
            const frame = document.createElement('iframe');
            frame.setAttribute('sandbox', 'allow-scripts');
            frame.width = 1300;
            frame.height = 850;
            frame.srcdoc = arguments[0];
            document.body.append(frame);
            """, page);
        Driver.SwitchTo().Frame(Find("iframe"));
        try
        {
            Until(() => Data("ready") == "1");
            Click(".nd[data-node='15'] rect");
            Assert.Equal("n15", Data("sel"));
        }
        finally
        {
            Driver.SwitchTo().DefaultContent();
        }
    }
}
