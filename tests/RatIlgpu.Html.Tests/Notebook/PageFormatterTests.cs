using System.Net;
using System.Reflection;

namespace RatIlgpu.Html.Tests.Notebook;

/// <summary>A notebook reads the attribute, its source and the formatters by their names alone, as here.</summary>
public sealed class PageFormatterTests
{
    [Fact]
    public void A_notebook_finds_a_formatter_of_pages_by_the_convention()
    {
        var attribute = Assert.Single(
            typeof(HtmlPage).GetCustomAttributes(), found => found.GetType().Name == "TypeFormatterSourceAttribute");
        Assert.Equal(["text/html"], Value<string[]>(attribute, "PreferredMimeTypes"));
        var source = Activator.CreateInstance(Value<Type>(attribute, "FormatterSourceType"))!;
        var formatters = (IEnumerable<object>)source.GetType().GetMethod("CreateTypeFormatters")!.Invoke(source, [])!;
        var formatter = Assert.Single(formatters);
        Assert.Equal("text/html", Value<string>(formatter, "MimeType"));

        using var shown = new StringWriter();
        var format = formatter.GetType().GetMethod("Format", [typeof(object), typeof(TextWriter)])!;
        Assert.Equal(true, format.Invoke(formatter, [new HtmlPage("<p>page"), shown]));
        Assert.Contains("srcdoc=\"<p>page\"", shown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_frame_holds_the_page_as_it_is()
    {
        const string Html = "<p title=\"a &amp; b\" class='c'>&quot;&amp;quot; \"</p>\n";
        using var shown = new StringWriter();
        new PageFormatter().Format(new HtmlPage(Html), shown);
        var attribute = shown.ToString().Split("srcdoc=\"")[1].Split('"')[0];
        Assert.Equal(Html, WebUtility.HtmlDecode(attribute));
    }

    [Fact]
    public void The_frame_is_sandboxed()
    {
        using var shown = new StringWriter();
        new PageFormatter().Format(new HtmlPage(""), shown);
        Assert.StartsWith(
            "<iframe sandbox=\"allow-scripts allow-downloads\" ", shown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_object_is_left_to_other_formatters()
    {
        using var shown = new StringWriter();
        Assert.False(new PageFormatter().Format("text", shown));
        Assert.Equal("", shown.ToString());
    }

    static T Value<T>(object instance, string property) =>
        Assert.IsType<T>(instance.GetType().GetProperty(property)!.GetValue(instance), exactMatch: false);
}
