using OpenQA.Selenium;
using RatIlgpu.Html;

namespace RatIlgpu.Browser.Tests;

/// <summary>The shared script alone, on a page of a kind that the library does not have.</summary>
public sealed class StartTests(Chromium chromium) : PageTests(chromium)
{
    const string Script = """
        start({
          initial: { size: 'small' },
          address: { n: 'sel', s: 'size' },
          choices: { size: ['small', 'large'] },
          read: (address) => { state.sel = address.get('n') ?? ''; },
          render: () => { byId('main').textContent = `${state.size} ${state.sel}`; },
          showOver: () => { root.dataset.over = state.over; },
          find: () => { byId('hits').textContent = state.q; },
          pickNext: () => set({ sel: state.q }),
          nameAt: (element) => element.id,
          describe: (element) => element.title,
          keys: { 'x': () => set({ sel: 'x' }) },
        });
        """;

    [Fact]
    public void One_call_starts_a_page_from_its_data()
    {
        Load(PageWith(Script));
        Until(() => Data("ready") == "1");
        Assert.Equal("small", Find("#main").Text);
        Click("button[value='large']");
        Press("x");
        Assert.Equal("large x", Find("#main").Text);
        Assert.Equal("x", Data("sel"));
        Assert.Equal("true", Find("button[value='large']").GetDomAttribute("aria-pressed"));
        Click("#q");
        Press("word", Keys.Enter);
        Assert.Equal(["large word", "word"], new[] { "#main", "#hits" }.Select(selector => Find(selector).Text));
        Until(() => Driver.Url.EndsWith("#n=word&s=large&q=word", StringComparison.Ordinal));
        Mouse().MoveToElement(Find("#main")).Perform();
        Assert.Equal(["main", "A tip"], new[] { Data("over"), Find("#tip").Text });
    }

    [Fact]
    public void A_page_opens_the_state_in_its_address()
    {
        Load(PageWith(Script), "#n=one&s=large&q=two&t=dark");
        Until(() => Data("ready") == "1");
        Assert.Equal(["large one", "two"], new[] { "#main", "#hits" }.Select(selector => Find(selector).Text));
        Assert.Equal("dark", Data("theme"));
    }

    [Fact]
    public void The_failure_notice_of_a_page_without_a_table_names_no_table()
    {
        Load(PageWith("await readData('none');"));
        Until(() => Data("error") is not null);
        var notice = Assert.Single(All("[role='alert']")).Text;
        Assert.StartsWith("The script of this page cannot run here (", notice, StringComparison.Ordinal);
        Assert.EndsWith(").", notice, StringComparison.Ordinal);
    }

    static string PageWith(string script) => new HtmlWriter().Write($"""
        <!doctype html>
        <html data-theme="light">
        <body>
        <div class="tools"><button data-set="size" value="small">Small</button>
        <button data-set="size" value="large">Large</button><input id="q"><span id="hits"></span>

        """).Include(Page.WriteToolsEnd).Write($"""
        </div>
        <main id="main" title="A tip"></main>

        """).Include(html => Page.WriteEnd(html, [], [])).Write($"""<script type="module">""")
        .WriteRaw(Asset.Join("core.js") + script).Write($"</script>\n</body>\n</html>\n").ToString();
}
