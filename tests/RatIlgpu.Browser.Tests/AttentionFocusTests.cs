using OpenQA.Selenium;
using RatIlgpu.Html;

namespace RatIlgpu.Browser.Tests;

public sealed class AttentionFocusTests(Chromium chromium) : AttentionTests(chromium)
{
    [Fact]
    public void A_head_under_the_pointer_goes_before_the_locked_one_which_one_more_click_lets_go()
    {
        OpenAttention();
        Assert.Equal(("", ""), (Data("head"), Data("head-lock")));
        Click(".hd[data-head='1']");
        Await("head", "1");
        Assert.Equal("1", Data("head-lock"));
        Hover(".hd[data-head='2']");
        Await("head", "2");
        Assert.Equal("L1H0", Find("#shown").Text);
        Assert.Equal(["2"], All(".hd[data-focus]").Select(head => head.GetDomAttribute("data-head")));
        Assert.Equal(["1"], All(".hd[aria-pressed=true]").Select(head => head.GetDomAttribute("data-head")));
        Leave();
        Await("head", "1");
        Click(".hd[data-head='1']");
        Leave();
        Await("head", "");
        Assert.Equal("", Data("head-lock"));
        AssertClean();
    }

    [Fact]
    public void Escape_lets_head_and_token_go()
    {
        OpenAttention();
        Click(".hd[data-head='3']");
        Click(".t[data-i='4']");
        Assert.Equal(("3", "4"), (Data("head-lock"), Data("tok-lock")));
        Press(Keys.Escape);
        Assert.Equal(("", ""), (Data("head-lock"), Data("tok-lock")));
    }

    [Fact]
    public void A_token_is_the_query_whose_keys_are_shaded_or_the_key_whose_queries_are()
    {
        OpenAttention("#h=1.0");
        Click(".t[data-i='3']");
        Until(() => Data("tok") == "3");
        // The shades are 7 √p: of .75 and of .25.
        Assert.Equal(["6", "0", "0", "4", "0", "0"], Shades());
        Click("button[data-set=direction][value=key]");
        Leave();
        Assert.Equal("key", Data("dir"));
        Assert.Equal(["0", "0", "0", "4", "0", "0"], Shades());
        Click(".t[data-i='0']");
        Assert.Equal(["7", "6", "6", "6", "6", "6"], Shades());
        Click("button[data-set=scale][value=linear]");
        Assert.Equal(["7", "5", "5", "5", "5", "5"], Shades());
        Assert.Contains("linear", Find("#shade-high").Text, StringComparison.Ordinal);
        Click(".t[data-i='0']");
        Leave();
        // The mean of a column: that of key 1 is .25 / 5.
        Until(() => Data("tok") == "");
        Assert.Equal(["6", "0", "0", "1", "1", "2"], Shades());
    }

    [Fact]
    public void A_cell_under_the_pointer_is_read_out_and_a_click_locks_its_token()
    {
        OpenAttention("#h=1.0");
        OverCell(4, 0).Perform();
        Until(() => Find("#info").GetDomAttribute("data-kind") == "c");
        Assert.Equal("Query|\u2068·met\u2069 4|Key|\u2068<s>\u2069 0|Attention|0.75000|Head|L1H0", Info);
        Assert.Contains("query \u2068·met\u2069 4 · key \u2068<s>\u2069 0 · 0.75000", Find("#tip").Text,
            StringComparison.Ordinal);
        OverCell(2, 5).Perform();
        Until(() => Info.Contains("masked (after the query)", StringComparison.Ordinal));
        OverCell(4, 1).Click().Perform();
        Assert.Equal("4", Data("tok-lock"));
        OverCell(4, 3).Click().Perform();
        Assert.Equal("", Data("tok-lock"));
    }

    [Fact]
    public void Without_a_head_the_largest_value_is_shown_with_the_head_that_has_it()
    {
        OpenAttention();
        Assert.Equal("Largest of 4 heads", Find("#shown").Text);
        OverCell(5, 4).Perform();
        Until(() => Info.Contains("Largest in head|L0H0", StringComparison.Ordinal));
        OverCell(5, 0).Perform();
        Until(() => Info.Contains("0.75000|Largest in head|L1H0", StringComparison.Ordinal));
        Click("button[data-set=summary][value=mean]");
        OverCell(5, 5).Perform();
        // (0 + 1/6 + 1/4 + 1/2) / 4.
        Until(() => Info.Contains("Attention|0.229", StringComparison.Ordinal));
        Assert.Contains("Head|Mean of 4 heads", Info, StringComparison.Ordinal);
    }

    [Fact]
    public void The_strongest_keys_of_the_focused_query_are_listed_and_lead_to_their_rows()
    {
        OpenAttention("#h=1.0&k=5");
        string[] Rows() => [.. All("#list tr").Select(row => row.Text)];
        Assert.Equal(["<s> 0 0.75000", "↵ 5 0.25000"], Rows());
        Click("#list button[data-token='0']");
        Leave();
        Await("tok", "0");
        Assert.Equal(["<s> 0 1.00000"], Rows());
        Click("button[data-set=direction][value=key]");
        Leave();
        Until(() => Find("#list-title").Text == "Strongest queries");
        Assert.Equal(6, Rows().Length);
    }

    [Fact]
    public void Weights_change_the_matrix()
    {
        OpenAttention("#h=1.0");
        Click("button[data-set=weights][value=value]");
        OverCell(4, 0).Perform();
        // .75 of the pattern, times .25 of the value.
        Until(() => Info.Contains("Attention|0.18", StringComparison.Ordinal));
        Assert.Equal("L1H0, value-weighted", Find("#shown").Text);
        Assert.Equal("value", Data("weights"));
    }

    [Fact]
    public void Padding_is_named_and_has_no_values()
    {
        OpenAttention(SampleAttention.Padded(), "#h=0.1");
        Assert.Equal(["4", "5"], All(".t[data-pad]").Select(token => token.GetDomAttribute("data-i")));
        OverCell(5, 1).Perform();
        Until(() => Info.Contains("Attention|padding", StringComparison.Ordinal));
        Hover(".t[data-i='4']");
        Until(() => Info.Contains("Position|4, padding", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(PromptPicker.DropDown)]
    [InlineData(PromptPicker.Radio)]
    public void A_picker_shows_another_prompt(PromptPicker picker)
    {
        OpenAttention(SampleAttention.TwoPrompts(new() { Picker = picker, Label = (i, _) => $"<b>{i}</b>" }), "#h=0.0");
        Until(() => All(".hd[data-painted]").Count == 4);
        Find(picker == PromptPicker.Radio ? "[name=prompt][value='1']" : "[name=prompt] [value='1']").Click();
        Await("seq", "1");
        Until(() => All(".t").Count == 4 && All(".hd[data-painted]").Count == 4);
        Assert.Equal("·Anna", All(".t")[3].Text);
        Assert.Empty(All(".tools b"));
        OverCell(3, 2).Perform();
        Until(() => Info.Contains("·left", StringComparison.Ordinal));
        AssertClean();
    }
}
