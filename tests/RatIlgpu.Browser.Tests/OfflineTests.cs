using OpenQA.Selenium;

namespace RatIlgpu.Browser.Tests;

public sealed class OfflineTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void A_page_from_a_file_makes_no_request_and_logs_nothing() => AssertAlone(() => Open());

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
        InSandbox(page, () =>
        {
            Click(".nd[data-node='15'] rect");
            Assert.Equal("n15", Data("sel"));
        });
    }
}
