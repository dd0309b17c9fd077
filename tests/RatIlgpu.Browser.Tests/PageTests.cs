using System.Text;
using System.Text.Json.Nodes;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using OpenQA.Selenium.Interactions;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Testing;

namespace RatIlgpu.Browser.Tests;

/// <summary>Opens a page from a file, as a reader does, and sends it mouse, key and touch input.</summary>
public abstract class PageTests(Chromium chromium) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    bool isResized;

    /// <summary>Gets the browser. Asked for first, so that a test without one is skipped before it begins.</summary>
    protected ChromeDriver Driver { get; } = chromium.Driver;

    protected TemporaryFolder Folder { get; } = new();

    protected IWebElement Root => Find("html");

    public void Dispose()
    {
        if (isResized)
        {
            Driver.ExecuteCdpCommand("Emulation.clearDeviceMetricsOverride", []);
            Driver.ExecuteCdpCommand("Emulation.setTouchEmulationEnabled", new() { ["enabled"] = false });
        }

        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected void Open(TraceResult? trace = null, string address = "", TracePageOptions? options = null) =>
        Open(TracePage.Render(trace ?? SampleTrace.FivePaths(), options), address);

    protected void Open(HtmlPage page, string address = "")
    {
        Load(page.Html, address);
        Until(() => Root.GetDomAttribute("data-ready") == "1");
    }

    /// <summary>Opens a page without waiting for it to be ready.</summary>
    protected void Load(string html, string address = "")
    {
        Emulate("", reduceMotion: true);
        var path = Folder.Path("page.html");
        File.WriteAllText(path, html);
        // Only the fragment of the address may differ, and then the browser would not reload the file.
        Driver.Navigate().GoToUrl("about:blank");
        Driver.Manage().Logs.GetLog(LogType.Browser);
        Driver.Navigate().GoToUrl(new Uri(path).AbsoluteUri + address);
    }

    /// <summary>Sets the media type and the preferences of the reader that the page sees.</summary>
    protected void Emulate(
        string media, string scheme = "light", bool reduceMotion = false, bool forcedColors = false) =>
        Driver.ExecuteCdpCommand("Emulation.setEmulatedMedia", new()
        {
            ["media"] = media,
            ["features"] = new[]
            {
                Feature("prefers-color-scheme", scheme),
                Feature("prefers-reduced-motion", reduceMotion ? "reduce" : "no-preference"),
                Feature("forced-colors", forcedColors ? "active" : "none"),
            },
        });

    /// <summary>Sets the size of the screen until the test ends. A window of the browser cannot be as narrow as a
    /// phone.</summary>
    /// <summary>Opens a page, and holds that it loads nothing but itself and logs nothing.</summary>
    protected void AssertAlone(Action open)
    {
        Driver.Manage().Logs.GetLog(LogType.Performance);
        open();
        var requests = Driver.Manage().Logs.GetLog(LogType.Performance).Select(entry => entry.Message)
            .Where(message => message.Contains("Network.requestWillBeSent\"", StringComparison.Ordinal))
            .Where(message => !message.Contains("about:blank\",\"documentURL", StringComparison.Ordinal))
            // A browser that has just started may still load its own start page.
            .Where(message => !message.Contains("\"documentURL\":\"chrome://", StringComparison.Ordinal))
            .Where(message => message.Contains("file://", StringComparison.Ordinal)
                || message.Contains("http", StringComparison.Ordinal));
        Assert.Contains("page.html", Assert.Single(requests), StringComparison.Ordinal);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    /// <summary>Presses Tab until an element has the focus.</summary>
    /// <param name="selector">The element.</param>
    /// <param name="most">The most times.</param>
    protected void TabTo(string selector, int most = 40)
    {
        for (var steps = 0; !Script<bool>("return document.activeElement.matches(arguments[0])", selector); steps++)
        {
            Assert.True(steps < most, $"Tab does not reach {selector}.");
            Press(Keys.Tab);
        }
    }

    /// <summary>Holds that the cards of a page, and some other parts, stay where they are.</summary>
    /// <param name="parts">The other parts.</param>
    /// <param name="moves">What moves the pointer.</param>
    protected void AssertStill(string parts, params IEnumerable<Action> moves)
    {
        var before = Places();
        foreach (var move in moves)
        {
            move();
            Assert.Equal(before, Places());
        }

        string Places() => Script<string>("""
            return JSON.stringify([...document.querySelectorAll('.card, ' + arguments[0])]
              .map((element) => element.getBoundingClientRect())
              .map(({ left, top, width, height }) => [left + scrollX, top + scrollY, width, height]));
            """, parts);
    }

    /// <summary>Holds that no token of a page has become markup, and that what stands in some elements is what is
    /// expected.</summary>
    /// <param name="expected">The texts.</param>
    /// <param name="selector">The elements.</param>
    protected void AssertText(IEnumerable<string> expected, string selector)
    {
        Assert.Equal(
            expected,
            Script<IReadOnlyCollection<object>>(
                "return [...document.querySelectorAll(arguments[0])].map((element) => element.textContent)", selector)
                .Cast<string>());
        Assert.Empty(All("img, iframe, object, b, [onload], [onerror]"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    /// <summary>Holds that no text of a page has become markup or a script.</summary>
    protected void AssertUnharmed()
    {
        Assert.Empty(All("img, iframe, object, svg svg, [onload], [onerror]"));
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    /// <summary>Holds that a page exports JSON of a content.</summary>
    /// <param name="json">The content.</param>
    /// <param name="name">The name of the file.</param>
    protected void AssertExports(string json, string name)
    {
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(Exported("json", name))));
        File.Delete(Folder.Path($"{name}.json"));
    }

    /// <summary>Returns the options of a page of the results of a model.</summary>
    protected static TracedModel TracedOf(LanguageModel model) =>
        new(model.Name, model.Config.LayerCount, model.Config.HeadCount)
        {
            KeyHeadCount = model.Config.KeyValueHeadCount,
        };

    /// <summary>Shows a page in a frame that may run scripts and nothing else, as a notebook does, and looks at it
    /// there.</summary>
    protected void InSandbox(string html, Action look)
    {
        Driver.Navigate().GoToUrl("about:blank");
        Script<object?>("""
            const frame = document.createElement('iframe');
            frame.setAttribute('sandbox', 'allow-scripts');
            frame.width = 1300;
            frame.height = 850;
            frame.srcdoc = arguments[0];
            document.body.append(frame);
            """, html);
        Driver.SwitchTo().Frame(Find("iframe"));
        try
        {
            Until(() => Data("ready") == "1");
            // The frame is a process of its own: clicks go past it until it has been drawn.
            Script<object?>("""
                requestAnimationFrame(() => requestAnimationFrame(() => {
                  document.documentElement.dataset.drawn = '1';
                }));
                """);
            Until(() => Data("drawn") == "1");
            look();
        }
        finally
        {
            Driver.SwitchTo().DefaultContent();
        }
    }

    protected void Resize(int width, int height, bool isTouched = false)
    {
        isResized = true;
        Driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new()
        {
            ["width"] = width,
            ["height"] = height,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = isTouched,
        });
        Driver.ExecuteCdpCommand("Emulation.setTouchEmulationEnabled", new() { ["enabled"] = isTouched });
    }

    protected IWebElement Find(string selector) => Driver.FindElement(By.CssSelector(selector));

    protected IReadOnlyList<IWebElement> All(string selector) => Driver.FindElements(By.CssSelector(selector));

    protected string? Data(string name) => Root.GetDomAttribute("data-" + name);

    protected T Script<T>(string script, params object[] arguments) => (T)Driver.ExecuteScript(script, arguments)!;

    protected double Number(string script, params object[] arguments) =>
        Convert.ToDouble(Driver.ExecuteScript("return " + script, arguments), CultureInfo.InvariantCulture);

    /// <summary>Returns the colour of a cell of the matrix of heads, beside the number in its middle.</summary>
    protected double[] Pixel(int row, int column, int rows, int columns) => NumbersOf("""
        const canvas = document.querySelector('#grid canvas');
        const [wide, high] = [canvas.width / arguments[3], canvas.height / arguments[2]];
        const { data } = canvas.getContext('2d').getImageData(
          (arguments[1] + .1) * wide, (arguments[0] + .12) * high, 1, 1);
        return [...data].slice(0, 3);
        """, row, column, rows, columns);

    /// <summary>Returns the colour of a shade on the scale of matrices.</summary>
    protected double[] Ramp(double shade, bool signed) => NumbersOf("""
        const [shade, signed] = arguments;
        const probe = document.body.appendChild(document.createElement('i'));
        const colours = Array.from({ length: signed ? 13 : 8 }, (_, i) => {
          probe.style.color = `var(--${signed ? 'v' : 'h'}${i})`;
          return getComputedStyle(probe).color.match(/\d+/g).slice(0, 3).map(Number);
        });
        probe.remove();
        const at = (signed ? (shade + 1) / 2 : shade) * (colours.length - 1);
        const low = Math.min(colours.length - 2, Math.floor(at));
        return colours[low].map((part, i) => part + (colours[low + 1][i] - part) * (at - low));
        """, shade, signed);

    double[] NumbersOf(string script, params object[] arguments) =>
        [.. Script<IReadOnlyCollection<object>>(script, arguments).Select(Convert.ToDouble)];

    /// <summary>Returns the colour of a place on a canvas, as three numbers.</summary>
    protected int[] ColourAt((double X, double Y) place) => [.. Script<IReadOnlyCollection<object>>("""
        const canvas = document.querySelector('.heat canvas');
        const { left, top } = canvas.getBoundingClientRect();
        const scale = canvas.width / canvas.clientWidth;
        const at = [(arguments[0] - left) * scale, (arguments[1] - top) * scale];
        return [...canvas.getContext('2d').getImageData(at[0], at[1], 1, 1).data.slice(0, 3)];
        """, place.X, place.Y).Select(part => Convert.ToInt32(part, CultureInfo.InvariantCulture))];

    /// <summary>Returns the texts of elements.</summary>
    protected string[] Texts(string selector) => [.. Script<IReadOnlyCollection<object>>(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector).Cast<string>()];

    /// <summary>Holds that all controls of some roles have names, and returns these by role.</summary>
    protected ILookup<string, string> AccessibleNames(params string[] roles)
    {
        var nodes = (Dictionary<string, object>)Driver.ExecuteCdpCommand("Accessibility.getFullAXTree", [])!;
        var names = ((IEnumerable<object>)nodes["nodes"]).Cast<Dictionary<string, object>>()
            .Where(node => !(bool)node["ignored"])
            .ToLookup(node => Value(node, "role"), node => Value(node, "name"));
        foreach (var role in roles)
            Assert.All(names[role], name => Assert.Matches(@"\p{L}|\?", name));
        return names;

        static string Value(Dictionary<string, object> node, string name) =>
            node.TryGetValue(name, out var found)
            && ((Dictionary<string, object>)found).TryGetValue("value", out var value)
                ? value.ToString()!
                : "";
    }

    /// <summary>Keeps a picture of the whole page for people to look at, and returns its file.</summary>
    protected string Picture(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "TestResults", "screenshots");
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, name + ".png");
        var whole = (Dictionary<string, object>)Driver.ExecuteCdpCommand(
            "Page.captureScreenshot", new() { ["captureBeyondViewport"] = true })!;
        File.WriteAllBytes(file, Convert.FromBase64String((string)whole["data"]));
        return file;
    }

    /// <summary>Returns a new sequence of mouse actions, in which the pointer moves without a delay.</summary>
    protected Actions Mouse() => new(Driver, TimeSpan.Zero);

    /// <summary>Scrolls a matrix into sight, and returns the middle of a cell, which is as large as its part of the
    /// body.</summary>
    protected (double X, double Y) CentreOfCell(string matrix, int row, int column)
    {
        var found = Script<IReadOnlyCollection<object>>("""
            const [heat, row, column] = [document.querySelector(arguments[0]), arguments[1], arguments[2]];
            const body = heat.querySelector('.heat-body');
            body.scrollIntoView({ block: 'nearest' });
            const { left, top, width, height } = body.getBoundingClientRect();
            const [rows, columns] = ['rows', 'columns'].map((side) =>
              heat.querySelectorAll(`.heat-${side} text`).length - 1);
            return [left + width * (column + .5) / columns, top + height * (row + .5) / rows];
            """, matrix, row, column).Select(value => Convert.ToDouble(value, CultureInfo.InvariantCulture)).ToArray();
        return (found[0], found[1]);
    }

    protected void Click(string selector) => Mouse().MoveToElement(Find(selector)).Click().Perform();

    protected void ScrollTo(string selector) =>
        Script<object?>("arguments[0].scrollIntoView({ block: 'center' })", Find(selector));

    /// <summary>Returns a token of the text of the page.</summary>
    protected IWebElement Token(int position) => Find($"#toks .t[data-i='{position}']");

    /// <summary>Returns the middle of a cell of a matrix that is painted.</summary>
    protected (double X, double Y) CellAt(string map, int row, int column, int rows, int columns)
    {
        var box = $"document.querySelector('#{map} .heat-body').getBoundingClientRect()";
        return (
            Number($"{box}.left + {box}.width * ({column} + 0.5) / {columns}"),
            Number($"{box}.top + {box}.height * ({row} + 0.5) / {rows}"));
    }

    protected void ClickAt((double X, double Y) place) => ClickAt(place.X, place.Y);

    protected void ClickAt(double x, double y) => Mouse().MoveToLocation((int)x, (int)y).Click().Perform();

    protected void Press(params string[] keys)
    {
        foreach (var key in keys)
            new Actions(Driver).SendKeys(key).Perform();
    }

    /// <summary>Returns the value of a term in the details; empty if the term is not there.</summary>
    protected string Detail(string term) => Script<string>("""
        const term = [...document.querySelectorAll('#info dt')].find((one) => one.textContent === arguments[0]);
        return term ? term.nextElementSibling.textContent : '';
        """, term);

    /// <summary>Clicks a button that downloads a file, and returns the content of the file.</summary>
    protected byte[] Download(string button, string name)
    {
        Driver.ExecuteCdpCommand("Browser.setDownloadBehavior", new()
        {
            ["behavior"] = "allow",
            ["downloadPath"] = Folder.Root,
        });
        Click(button);
        var file = Folder.Path(name);
        // The browser first creates an empty file of this name, then replaces it.
        Until(() => File.Exists(file) && new FileInfo(file).Length > 0);
        return File.ReadAllBytes(file);
    }

    /// <summary>Exports from the page, and returns the content of the file.</summary>
    protected byte[] Export(string kind, string name = "trace") => Download("#export-" + kind, $"{name}.{kind}");

    protected string Exported(string kind, string name = "trace") => Encoding.UTF8.GetString(Export(kind, name));

    /// <summary>Waits until a condition holds.</summary>
    protected static void Until(Func<bool> condition)
    {
        var wait = new SpinWait();
        for (var end = DateTime.UtcNow + Patience; !condition(); wait.SpinOnce())
            Assert.True(DateTime.UtcNow < end, "The page does not get there.");
    }

    static Dictionary<string, object> Feature(string name, string value) =>
        new() { ["name"] = name, ["value"] = value };
}
