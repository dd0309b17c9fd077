using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text.Jinja;

/// <summary>Templates that would take too long, or too much memory, end in an error.</summary>
public sealed class LimitTests
{
    const string Steps = "line 1: rendering takes more than 1,000,000 steps";
    const string Characters = "line 1: rendering makes more than 4,194,304 characters";

    // At each of many places the first half of the part fits.
    const string LongSearch = "{% set half = 'a' * 300000 %}{% set part = half ~ 'b' ~ half %}"
        + "{% set text = 'a' * 1500000 %}";

    [Theory]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", Steps)]
    [InlineData("{{ [1] * 1000000000 }}", Steps)]
    [InlineData("{% for x in range(99999) %}{{ x in range(99999) }}{% endfor %}", Steps)]
    [InlineData("{% set x = 'ab' * 1000000 %}{% for i in range(99999) %}{{ x[-1] }}{% endfor %}", Steps)]
    [InlineData("{% set x = 'ab' * 1000000 %}{% for i in range(99999) %}{{ x | length }}{% endfor %}", Steps)]
    [InlineData("{% set x = ' ' * 1000000 %}{% for i in range(99999) %}{{ x.strip() }}{% endfor %}", Steps)]
    [InlineData("{{ ('a' * 2000000).split('a') }}", Steps)]
    [InlineData("{% set x = 'ab' * 1000000 %}{% for i in range(99) %}{{ x in {} }}{% endfor %}", Steps)]
    [InlineData("{% set x = 'ab' * 1000000 %}{% for i in range(99) %}{{ {}.get(x) }}{% endfor %}", Steps)]
    [InlineData(LongSearch + "{{ part in text }}", Steps)]
    [InlineData(LongSearch + "{{ text.find(part) }}", Steps)]
    [InlineData(LongSearch + "{{ text.rfind(part) }}", Steps)]
    [InlineData(LongSearch + "{{ text.count(part) }}", Steps)]
    [InlineData(LongSearch + "{{ text.split(part) }}", Steps)]
    [InlineData(LongSearch + "{{ text.replace(part, '') }}", Steps)]
    [InlineData(LongSearch + "{% for i in range(999) %}{{ text.startswith(half) }}{% endfor %}", Steps)]
    [InlineData(LongSearch + "{% for i in range(999) %}{{ text.endswith(half) }}{% endfor %}", Steps)]
    [InlineData("{{ 'a' * 1000000000000 }}", Characters)]
    [InlineData("{{ ('a' * 1000000).replace('a', 'b' * 1000) }}", Characters)]
    [InlineData("{% set n = namespace(a='aa') %}{% for i in range(99) %}{% set n.a = n.a ~ n.a %}{% endfor %}",
        Characters)]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "line 1: more than 1,000 constructs run in each other")]
    [InlineData("{% set n = namespace(a=1) %}{% for i in range(999) %}{% set n.a = [n.a] %}{% endfor %}",
        "line 1: more than 100 values lie in each other")]
    [InlineData(
        "{% set n = namespace(a=[]) %}{% for i in range(999) %}{% set n.a = n.a | select %}{% endfor %}",
        "line 1: more than 100 values lie in each other")]
    [InlineData("{{ range(1000000) }}", "line 1: a range has 1,000,000 numbers, expected at most 100,000")]
    public void A_template_that_takes_too_much_is_refused(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => JinjaCase.Render(template)).Message);

    [Fact]
    public void A_call_takes_a_step_for_each_parameter()
    {
        var names = string.Join(',', Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"a{i}")));
        var template = $"{{% macro f({names}) %}}{{% endmacro %}}"
            + "{% for i in range(9999) %}{{ f() }}{% endfor %}";

        Assert.Equal(Steps, Assert.Throws<TemplateException>(() => JinjaCase.Render(template)).Message);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("(", ")")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("1 + ", "")]
    [InlineData("", ".b")]
    [InlineData("", " | trim")]
    [InlineData("1 if 1 else ", "")]
    public void An_expression_that_is_nested_too_deep_is_refused(string before, string after)
    {
        var template = $"{{{{ {Repeated(before)}1{Repeated(after)} }}}}";

        Assert.Equal(
            "line 1: more than 200 constructs lie in each other",
            Assert.Throws<TemplateException>(() => JinjaCase.Render(template)).Message);
    }

    [Fact]
    public void Statements_that_are_nested_too_deep_are_refused() =>
        Assert.Equal(
            "line 1: more than 50 statements lie in each other",
            Assert.Throws<TemplateException>(() => JinjaCase.Render(Repeated("{% if 1 %}"))).Message);

    [Fact]
    public void Doubled_values_are_not_compared_without_an_end() =>
        Assert.Equal(
            Steps,
            Assert.Throws<TemplateException>(() => JinjaCase.Render(
                "{% set n = namespace(a=[1], b=[1]) %}{% for i in range(90) %}{% set n.a = [n.a, n.a] %}"
                + "{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}")).Message);

    [Fact]
    public void A_template_that_is_too_long_is_refused() =>
        Assert.Equal(
            "line 1: the template has 262,145 characters, expected at most 262,144",
            Assert.Throws<TemplateException>(() => JinjaTemplate.Parse(new string(' ', 262_145))).Message);

    static string Repeated(string text) => string.Concat(Enumerable.Repeat(text, 5_000));
}
