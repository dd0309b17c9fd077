using System.Net;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>After any actions of a reader, the address of the page reopens the same view.</summary>
public sealed class AddressLawTests(Chromium chromium) : PageTests(chromium)
{
    // The state that the address holds, and the parts of the page that depend on it.
    const string Shown = """
        const pressed = [...document.querySelectorAll('button[data-set][aria-pressed=true]')]
          .map((button) => `${button.dataset.set} ${button.value}`);
        const widths = [...document.querySelectorAll('.ln')].map((line) => line.getAttribute('stroke-width'));
        const states = [...document.querySelectorAll('[data-state]')].map((mark) => mark.dataset.state);
        const { sel, beam, cols, layer, theme } = document.documentElement.dataset;
        const value = (id) => document.getElementById(id).value;
        const canvas = document.getElementById('canvas');
        return [
          sel, beam, cols, layer, theme, ...pressed, value('beam'), value('layer'), value('theme'), value('q'),
          document.getElementById('hits').textContent, document.getElementById('flow').dataset.k,
          Math.round(canvas.scrollLeft), Math.round(canvas.scrollTop), widths.join(), states.join(),
          document.getElementById('info').textContent, getComputedStyle(document.body).color,
        ].map(String);
        """;

    static readonly ImmutableArray<string> words = ["Mary", " to", "%20&b=1", "19", "ø"];

    static readonly ImmutableArray<(string Name, string[] Values)> choices =
    [
        ("cols", ["hops", "position"]), ("width", ["share", "attention"]), ("heat", ["share", "attention"]),
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_address_reopens_the_same_view(int seed)
    {
        var random = new Random(seed);
        Open(TwoLayers(One<PageTheme>([PageTheme.Auto, PageTheme.Light, PageTheme.Dark])));
        Press(One([",", "."]));
        foreach (var (name, values) in choices)
            Click($"button[data-set='{name}'][value='{One(values)}']");
        Find($"#theme option[value='{One(["auto", "light", "dark"])}']").Click();
        One<Action>([
            () => { },
            () => Click(One(["#zoom-in", "#zoom-out", "#zoom-fit"])),
            () =>
            {
                Click("#zoom-in");
                Press("+", "+", "+");
                Drag(random.Next(-150, 150), random.Next(-80, 80));
            },
        ])();
        One<Action>([
            () => { },
            () => Click($"#paths button[data-beam='{random.Next(2)}']"),
            () => Click($".t[data-i='{random.Next(20)}']"),
            () => Pick(random.Next(3)),
        ])();
        // Typed last: once the address has the word, it has all earlier changes.
        Click("#q");
        var word = words[seed % words.Length];
        Press(word);
        Until(() => Driver.Url.Contains("q=" + WebUtility.UrlEncode(word), StringComparison.Ordinal));
        var (before, address) = (Seen(), Driver.Url);
        Driver.Navigate().GoToUrl("about:blank");
        Driver.Navigate().GoToUrl(address);
        Until(() => Data("ready") == "1");
        Assert.Equal(before, Seen());
        Assert.Equal(address, Driver.Url);

        T One<T>(T[] choices) => choices[random.Next(choices.Length)];
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_address_reopens_the_same_prompt_target_layer_and_head(int seed)
    {
        var random = new Random(seed);
        var isOfPrompts = seed % 2 == 0;
        Open(TracePage.Render(isOfPrompts ? SampleTrace.ThreePrompts() : SampleTrace.LayersAndHeads()));
        string[] keys = isOfPrompts ? ["{", "}", "(", ")"] : [",", ".", "<", ">"];
        for (var presses = random.Next(1, 7); presses > 0; presses--)
            Press(keys[random.Next(4)]);
        Click("#q");
        Press("Mary");
        Until(() => Driver.Url.Contains("q=Mary", StringComparison.Ordinal));
        var (before, address) = (View(), Driver.Url);
        Driver.Navigate().GoToUrl("about:blank");
        Driver.Navigate().GoToUrl(address);
        Until(() => Data("ready") == "1");
        Assert.Equal(before, View());

        string?[] View() =>
        [
            Data("prompt"), Data("target"), Data("layer"), Data("heads"), Find("#facts").Text, Find("#paths").Text,
            Find("#toks").Text, Driver.Url,
        ];
    }

    void Drag(int right, int down) => Mouse().MoveToElement(Find("#canvas")).ClickAndHold()
        .MoveByOffset(right / 2, down / 2).MoveByOffset(right - (right / 2), down - (down / 2)).Release().Perform();

    void Pick(int link)
    {
        if (Find("#table").GetDomAttribute("open") is null)
            Click("#table summary");
        Click($"#table tbody:not([hidden]) button[data-pick='e{link}']");
    }

    string[] Seen() => [.. Script<IReadOnlyCollection<object>>(Shown).Cast<string>()];

    static HtmlPage TwoLayers(PageTheme theme)
    {
        var two = SampleTrace.Of(
            SampleTrace.Sentence, ([19, 15, 12, 0], [0.5, 0.25, 0.5]), ([19, 4, 0], [0.25, 0.5]));
        return TracePage.Render(
            [SampleTrace.AtLayer(SampleTrace.FivePaths(), 3), SampleTrace.AtLayer(two, 7)], new() { Theme = theme });
    }
}
