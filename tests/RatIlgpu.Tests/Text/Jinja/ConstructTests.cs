using System.Text.Json.Nodes;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text.Jinja;

/// <summary>The constructs of the language, with the texts that Jinja2 3.1.6 makes of them.</summary>
public sealed class ConstructTests
{
    static readonly JsonObject Expected =
        JsonNode.Parse(File.ReadAllText(Repository.Path("tests", "chat", "constructs.json")))!.AsObject();

    static JsonObject Variables => Expected["variables"]!.AsObject();

    static IEnumerable<(string Template, string? Text)> Cases =>
        Expected["templates"]!.AsArray().Select(one => (string)one!)
            .Zip(Expected["texts"]!.AsArray().Select(one => (string?)one));

    [Fact]
    public void Templates_have_the_texts_of_Jinja2()
    {
        var wrong = Cases.Where(one => one.Text is not null)
            .Where(one => JinjaCase.Render(one.Template, Variables) != one.Text)
            .Select(one => one.Template).ToArray();

        Assert.Empty(wrong);
        Assert.InRange(Cases.Count(one => one.Text is not null), 300, int.MaxValue);
    }

    [Fact]
    public void What_Jinja2_refuses_is_refused()
    {
        foreach (var (template, text) in Cases)
            if (text is null)
                Assert.Throws<TemplateException>(() => JinjaCase.Render(template, Variables));
    }

    [Fact]
    public void What_a_filter_block_gives_must_be_text() => Assert.Equal(
        "line 1: what a filter block gives is no text",
        Assert.Throws<TemplateException>(() => JinjaCase.Render("{% filter length %}abc{% endfilter %}")).Message);

    [Theory]
    [InlineData("{{ 1 | wordwrap }}", "line 1: filter 'wordwrap' is not known here")]
    [InlineData("\n{{ 1 is filter }}", "line 2: test 'filter' is not known here")]
    [InlineData("{% include 'x' %}", "line 1: statement 'include' is not known here")]
    [InlineData("{{ 'a'.zfill(3) }}", "line 1: the method 'zfill' of a text is not known here")]
    [InlineData("{{ f(*a) }}", "line 1: an argument with '*' is not known here")]
    [InlineData("{{ f(**a) }}", "line 1: an argument with '**' is not known here")]
    [InlineData("{{ x.__class__ }}", "line 1: attribute '__class__' is not known here")]
    [InlineData("{{ '%d' % 1 }}", "line 1: the operator '%' behind a text is not known here")]
    [InlineData("{% for a in b recursive %}{% endfor %}", "line 1: a loop that is 'recursive' is not known here")]
    [InlineData("{% macro m() %}{{ kwargs }}{% endmacro %}", "line 1: a macro with 'kwargs' is not known here")]
    [InlineData("{{ cycler(1) }}", "line 1: function 'cycler' is not known here")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "line 1: a whole number of more than 64 bits is not known here")]
    [InlineData("{{ 0x1F }}", "line 1: the number that starts with '0x' is not known here")]
    [InlineData("{{ 'straße' | upper }}", "line 1: the upper and lower case of 'ß' is not known here")]
    [InlineData("{{ [1] | map('nofilter') | list }}", "line 1: filter 'nofilter' is not known here")]
    [InlineData("{{ strftime_now('%Q') }}", "line 1: the part 'Q' of a time is not known here")]
    public void A_construct_that_is_not_known_is_named(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => JinjaCase.Render(template)).Message);

    [Theory]
    [InlineData("{{ 'a'", "line 1: the tag has no end, expected }}")]
    [InlineData("{{ 'a }}", "line 1: the string that starts with ' has no end")]
    [InlineData("a\n{# b", "line 2: the comment has no end, expected #}")]
    [InlineData("{% raw %}", "line 1: 'raw' has no end, expected {% endraw %}")]
    [InlineData("{{ (1] }}", "line 1: unexpected ']'")]
    [InlineData("{{ 1 2 }}", "line 1: found '2', expected '}}'")]
    [InlineData("{{ }}", "line 1: found '}}', expected an expression")]
    [InlineData("{% if a %}b", "line 1: the statement has no end, expected 'elif' or 'else' or 'endif'")]
    [InlineData("{% break %}", "line 1: 'break' stands in no loop")]
    [InlineData("{% for loop in a %}{% endfor %}", "line 1: 'loop' cannot take a value")]
    [InlineData("{% macro m(a, a) %}{% endmacro %}", "line 1: the parameter 'a' is there twice")]
    [InlineData("{{ '\\x4' }}", "line 1: the escape \\x has no character, expected 2 hexadecimal digits of one")]
    public void A_template_that_is_not_well_formed_says_where(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => JinjaCase.Render(template)).Message);

    [Theory]
    [InlineData("\n{{ a.b }}", "line 2: 'a' is undefined")]
    [InlineData("{{ {}.a.b }}", "line 1: a dictionary has no 'a'")]
    [InlineData("{{ 'a' + 1 }}", "line 1: the operator '+' has no meaning for a text and a whole number")]
    [InlineData("{{ 1 // 0 }}", "line 1: a division by zero")]
    [InlineData("{{ [].append(1) }}", "line 1: 'append' changes a list, which chat templates may not")]
    [InlineData("{% for a, b in [(1,)] %}{% endfor %}",
        "line 1: a value has fewer items than the 2 names that take them")]
    [InlineData("{{ none | length }}", "line 1: none has no length")]
    [InlineData("{% set a.b = 1 %}", "line 1: 'a' is undefined, expected a namespace")]
    [InlineData("{{ 'a' | replace('a') }}", "line 1: 'replace' has no argument for 'new'")]
    [InlineData("{{ 'a' | trim(x=1) }}", "line 1: 'trim' cannot take the argument 'x'")]
    public void A_fault_while_rendering_says_where(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => JinjaCase.Render(template)).Message);

    [Fact]
    public void A_template_can_refuse_a_chat()
    {
        var refused = Assert.Throws<TemplateException>(
            () => JinjaCase.Render("{{ raise_exception('No ' + 'tools') }}"));

        Assert.True(refused.IsRaised);
        Assert.Equal("No tools", refused.Fault);
    }
}
