using OpenQA.Selenium;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;

namespace RatIlgpu.Browser.Tests;

/// <summary>A page of several prompts, targets, layers and heads.</summary>
public sealed class ViewTests(Chromium chromium) : PageTests(chromium)
{
    static HtmlPage Heads => TracePage.Render(SampleTrace.LayersAndHeads());

    static HtmlPage Prompts => TracePage.Render(SampleTrace.ThreePrompts());

    [Fact]
    public void Keys_and_sliders_choose_layer_and_head()
    {
        Open(Heads);
        Assert.Equal(("7", "0"), (Data("layer"), Data("heads")));
        Press(">");
        Until(() => Data("heads") == "1");
        Assert.Equal("head 1 of 14", Fact("Heads"));
        Assert.Contains("·to", Find(".route").Text, StringComparison.Ordinal);
        Press(",");
        Until(() => Data("layer") == "3");
        Assert.Equal("1", Data("heads"));
        Script<object?>("document.getElementById('heads').focus()");
        Press(Keys.ArrowRight);
        Until(() => Data("heads") == "2");
        Assert.Equal("Head 2", Find("#heads").GetDomAttribute("aria-valuetext"));
        Press("<", "<", "<");
        Until(() => Data("heads") == "0");
    }

    [Fact]
    public void The_prompt_is_chosen_by_list_key_and_table()
    {
        Open(Prompts);
        Assert.Equal("1", Data("prompt"));
        Press("}");
        Until(() => Data("prompt") == "2");
        Assert.Equal(9, All("#toks .t").Count);
        Assert.Equal("·Anna 50.0 %, ·a 12.5 %", Fact("Predicts"));
        Find("#prompt option[value='3']").Click();
        Until(() => Data("prompt") == "3");
        Assert.Equal(20, All("#toks .t").Count);
        Assert.Equal("true", Find("#prompts [data-prompt='3']").GetDomAttribute("aria-pressed"));
        Click("#prompts [data-prompt='1']");
        Until(() => Data("prompt") == "1");
        Assert.Empty(All("[data-made]"));
        Assert.Equal("1", Driver.SwitchTo().ActiveElement().GetDomAttribute("data-prompt"));
        Press("{");
        Assert.Equal("1", Data("prompt"));
    }

    [Fact]
    public void The_target_is_chosen_by_list_and_keys_and_the_text_follows()
    {
        Open(Prompts, "#s=3");
        Assert.Equal(("3", "19"), (Data("prompt"), Data("target")));
        Assert.Equal(["9: ,", "19: ·said"], All("#target option").Select(option => option.Text));
        Press("(");
        Until(() => Data("target") == "9");
        Assert.Equal("position 9", Fact("Target"));
        Assert.Equal("9", Find(".nd[data-target]").GetDomAttribute("data-node"));
        Assert.Equal("9", Find("#prompts tr:nth-child(3) td:nth-child(2)").Text);
        Find("#target option[value='19']").Click();
        Until(() => Data("target") == "19");
        Assert.StartsWith("1 attention path into position 19.", Find("#flow").GetDomAttribute("aria-label"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Generated_tokens_are_marked_in_text_and_diagram()
    {
        Open(Prompts, "#s=3&n=n19");
        Assert.Equal(["17", "18", "19"], All(".t[data-made]").Select(token => token.GetDomAttribute("data-i")));
        Assert.Equal("19", Assert.Single(All(".nd[data-made]")).GetDomAttribute("data-node"));
        Assert.Contains("19, generated", Find("#info").Text, StringComparison.Ordinal);
        Assert.EndsWith(", generated", Find(".t[data-i='18']").GetDomAttribute("aria-label"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_address_names_the_view_and_unknown_values_are_ignored()
    {
        Open(Heads, "#l=3&h=2");
        Assert.Equal(("3", "2"), (Data("layer"), Data("heads")));
        Press(".");
        Until(() => Driver.Url.EndsWith("#h=2", StringComparison.Ordinal));
        Driver.Navigate().Refresh();
        Until(() => Data("ready") == "1");
        Assert.Equal(("7", "2"), (Data("layer"), Data("heads")));
        Open(Heads, "#l=99&h=mean&s=x&p=-1");
        Assert.Equal(("7", "0"), (Data("layer"), Data("heads")));
        Open(Prompts, "#s=3&p=9&n=n4");
        Assert.Equal(("3", "9", "n4"), (Data("prompt"), Data("target"), Data("sel")));
    }

    [Fact]
    public void Another_address_in_the_same_page_opens_its_view()
    {
        Open(Prompts);
        Script<object?>("location.hash = '#s=3&p=9&n=n2'");
        Until(() => Data("prompt") == "3");
        Assert.Equal(("9", "n2"), (Data("target"), Data("sel")));
    }

    [Fact]
    public void Fast_steps_end_at_the_last_one()
    {
        Open(Heads);
        Script<object?>("""
            for (const key of ['>', ',', '>', '.', '<', '>'])
              document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
            """);
        Until(() => Data("heads") == "2");
        Assert.Equal(("7", "2"), (Data("layer"), Data("heads")));
        Assert.Equal("head 2 of 14", Fact("Heads"));
    }

    [Fact]
    public void A_link_picked_while_a_view_is_decoded_is_kept_as_that_link()
    {
        Open(Heads, "#n=e0");
        Script<object?>("""
            document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '>', bubbles: true }));
            document.querySelector('#table button[data-pick="e3"]').click();
            """);
        Until(() => Data("heads") == "1");
        var traces = SampleTrace.LayersAndHeads();
        var (picked, now) = (traces[3].Sankey.Links[3], traces[4].Sankey.Links);
        var same = now.Index().Single(link => (link.Item.Source, link.Item.Target) == (picked.Source, picked.Target));
        Assert.Equal($"e{same.Index}", Data("sel"));
    }

    [Fact]
    public void A_view_is_decoded_only_when_it_is_shown()
    {
        Open(Heads);
        // Whoever decodes a view that is no JSON fails.
        Script<object?>("document.getElementById('view-0').textContent = '{'");
        Press(">");
        Until(() => Data("heads") == "1");
        Assert.Null(Data("error"));
    }

    [Fact]
    public void The_table_of_prompts_follows_and_tells_the_spread()
    {
        Open(Prompts);
        Assert.Equal("50.0 ± 25.0 %", Find("#prompts tfoot td").Text);
        Press("}", "}");
        Until(() => Data("prompt") == "3");
        Press("(");
        Until(() => Data("target") == "9");
        Assert.Equal("·and", Find("#prompts tr:nth-child(3) td:nth-child(3)").Text);
        Assert.Equal("50.0 ± 25.0 %", Find("#prompts tfoot td").Text);
    }

    [Fact]
    public void Each_view_exports_its_own_file()
    {
        Open(Heads, "#l=3&h=1");
        var trace = SampleTrace.LayersAndHeads()[1];
        Assert.Equal(RatIlgpu.Tracing.TraceJson.Write(trace), Exported("json", "trace-L3H1"));
        Open(Prompts, "#s=3&p=9");
        Assert.Equal(
            RatIlgpu.Tracing.TraceJson.Write(SampleTrace.ThreePrompts()[2]), Exported("json", "trace-prompt3-P9"));
    }

    [Fact]
    public void Hostile_prompts_commands_and_predictions_stay_text()
    {
        const string Bad = "<img src=x onerror=alert(1)></script><script>alert(2)</script>";
        var traces = SampleTrace.ThreePrompts().Select((trace, i) =>
        {
            var hostile = SampleTrace.Told(SampleTrace.Of(["a", Bad, " b"], ([2, 1, 0], [0.5, 0.5])), i, Bad, 0.5);
            return hostile with
            {
                Interventions = [Bad],
                Notices = [Bad],
                Origin = new() { Title = Bad, Command = Bad, Version = Bad },
            };
        }).ToArray();
        Open(TracePage.Render(traces));
        Press("}");
        Until(() => Data("prompt") == "2");
        Assert.Empty(All("img"));
        Assert.Equal(Bad, Find("h1").Text);
        Assert.EndsWith(Bad, Find("footer").Text, StringComparison.Ordinal);
        Assert.Equal(Bad, Find("#notices .notice").Text);
        Assert.Contains("<img", Fact("Predicts"), StringComparison.Ordinal);
        Assert.Empty(Driver.Manage().Logs.GetLog(LogType.Browser));
    }

    string Fact(string name) => All("#facts div").Select(fact => fact.Text.Replace("\n", " ", StringComparison.Ordinal))
        .Single(text => text.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..]
        .Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal);
}
