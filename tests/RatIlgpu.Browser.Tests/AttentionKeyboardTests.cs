using OpenQA.Selenium;
using RatIlgpu.Html;

namespace RatIlgpu.Browser.Tests;

public sealed class AttentionKeyboardTests(Chromium chromium) : AttentionTests(chromium)
{
    [Fact]
    public void Heads_matrix_and_text_are_reached_by_Tab_and_locked_by_Enter()
    {
        OpenAttention();
        TabTo(".hd", most: 60);
        Press(Keys.ArrowRight);
        Await("head", "1");
        Press(Keys.Enter);
        Assert.Equal("1", Data("head-lock"));
        Press(Keys.End);
        Await("head", "3");
        Press(Keys.Space);
        Assert.Equal("3", Data("head-lock"));
        TabTo(".heat-body", most: 60);
        // The first key enters the matrix.
        Press(Keys.ArrowDown, Keys.ArrowDown, Keys.ArrowDown, Keys.ArrowRight);
        Until(() => Info == "Query|\u2068·and\u2069 2|Key|\u2068Mary\u2069 1|Attention|0.50001|Head|L1H1");
        Press(Keys.Enter);
        Assert.Equal("2", Data("tok-lock"));
        TabTo(".t", most: 60);
        Press(Keys.ArrowRight, Keys.ArrowRight, Keys.ArrowRight);
        Await("tok", "3");
        Press(Keys.Enter);
        Assert.Equal("3", Data("tok-lock"));
        Press(Keys.Space);
        Assert.Equal("", Data("tok-lock"));
        AssertClean();
    }

    [Fact]
    public void Brackets_step_through_the_heads()
    {
        OpenAttention();
        Press("]");
        Assert.Equal("0", Data("head-lock"));
        Press("]", "]");
        Assert.Equal("2", Data("head-lock"));
        Press("[", "[", "[");
        Assert.Equal("3", Data("head-lock"));
        Press(Keys.Escape, "[");
        Assert.Equal("3", Data("head-lock"));
    }

    [Fact]
    public void Braces_step_through_the_prompts()
    {
        OpenAttention(SampleAttention.TwoPrompts(), "#k=5");
        Press("}");
        Assert.Equal(("1", ""), (Data("seq"), Data("tok-lock")));
        Press("}");
        Assert.Equal("1", Data("seq"));
        Press("{");
        Assert.Equal("0", Data("seq"));
    }

    [Fact]
    public void A_found_token_is_locked_by_Enter()
    {
        OpenAttention();
        Press("/", "m");
        Assert.Equal("2 found", Find("#hits").Text);
        Press(Keys.Enter);
        Assert.Equal("1", Data("tok-lock"));
        Press(Keys.Enter);
        Assert.Equal("4", Data("tok-lock"));
    }

    [Fact]
    public void Every_control_has_an_accessible_name()
    {
        OpenAttention(SampleAttention.TwoPrompts());
        var names = AccessibleNames("button", "combobox", "searchbox", "table");
        Assert.Equal(3, names["combobox"].Count());
        Assert.Contains("L1H0", names["button"]);
        Assert.Contains("\u2068·and\u2069, position 2", names["button"]);
    }

    [Fact]
    public void The_address_opens_what_it_names_and_ignores_what_is_unknown()
    {
        OpenAttention(SampleAttention.TwoPrompts(), "#h=1.0&k=3&d=key&s=1&w=value&c=linear&r=mean&l=1&mode=large");
        Assert.Equal(
            ("2", "3", "key", "1", "value", "1", "large"),
            Locks());
        Assert.Equal("L1H0, value-weighted", Find("#shown").Text);
        OpenAttention(SampleAttention.TwoPrompts(), "#h=9.9&k=4&d=x&s=1&w=none&c=9&r=0&l=7&mode=huge&z=1");
        Assert.Equal(
            ("", "", "query", "1", "standard", "", "small"),
            Locks());
        AssertClean();

        (string?, string?, string?, string?, string?, string?, string?) Locks() =>
            (Data("head-lock"), Data("tok-lock"), Data("dir"), Data("seq"), Data("weights"), Data("layer"),
                Data("mode"));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_address_reopens_the_same_view(int seed)
    {
        var random = new Random(seed);
        var mode = seed % 2 == 0 ? AttentionMode.Small : AttentionMode.Large;
        OpenAttention(SampleAttention.TwoPrompts(new() { Mode = mode }));
        Action[] actions =
        [
            () => Click($".hd[data-head='{random.Next(4)}']"),
            () => Click($".t[data-i='{random.Next(4)}']"),
            () => Click(One("direction", "query", "key")),
            () => Click(One("scale", "root", "linear")),
            () => Click(One("summary", "max", "mean")),
            () => Click(One("weights", "standard", "value")),
            () => Click(One("mode", "small", "large")),
            () => Find($"[name=prompt] [value='{random.Next(2)}']").Click(),
            () => Press(".", "]", ",", Keys.Escape),
        ];
        for (var i = 0; i < 8; i++)
            actions[random.Next(actions.Length)]();
        Click("#q");
        Press("an");
        Leave();
        Until(() => Driver.Url.Contains("q=an", StringComparison.Ordinal));
        Until(() => Data("head") == Data("head-lock") && Data("tok") == Data("tok-lock"));
        var (before, address) = (Seen(), Driver.Url);
        Driver.Navigate().GoToUrl("about:blank");
        Driver.Navigate().GoToUrl(address);
        Until(() => Data("ready") == "1" && Data("head") is not null);
        Assert.Equal(before, Seen());
        Assert.Equal(address, Driver.Url);

        string One(string name, params string[] values) =>
            $"button[data-set={name}][value={values[random.Next(values.Length)]}]";
    }

    string Seen() => Script<string>("""
        return JSON.stringify([
          { ...document.documentElement.dataset, over: '' },
          [...document.querySelectorAll('[aria-pressed=true]')].map((button) => button.textContent),
          [...document.querySelectorAll('.t')].map((token) => [token.textContent, token.dataset.h]),
          ...['shown', 'list', 'info', 'hits', 'tier', 'shade-high']
            .map((id) => document.getElementById(id).textContent),
        ]);
        """);
}
