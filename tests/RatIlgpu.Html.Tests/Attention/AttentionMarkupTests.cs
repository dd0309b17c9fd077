using System.Text;
using RatIlgpu.Analysis;
using RatIlgpu.Text;
using static RatIlgpu.Html.Tests.PageText;

namespace RatIlgpu.Html.Tests.Attention;

public sealed class AttentionMarkupTests
{
    [Fact]
    public void Title_labels_and_tokens_are_escaped()
    {
        var html = Page(
            new() { Title = "<i>T</i>", Label = (i, _) => $"</option><b>{i}" }, ["<u>", "b"], ["c", "d"]);
        Assert.Contains("<h1>&lt;i&gt;T&lt;/i&gt;</h1>", html, StringComparison.Ordinal);
        Assert.Contains("0: &lt;/option&gt;&lt;b&gt;0", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<u>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>0", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_of_the_page_says_what_it_shows()
    {
        Assert.Contains(
            "<div><dt>Layers<dd>0, 1</div><div><dt>Heads<dd>4</div><div><dt>Tokens<dd>2</div>",
            Page(null, ["a", "b"]), StringComparison.Ordinal);
        Assert.Contains(
            "<div><dt>Prompts<dd>2</div><div><dt>Tokens<dd>2 to 3</div>",
            Page(null, ["a", "b"], ["a", "b", "c"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Model_and_origin_are_named_if_they_are_known()
    {
        Assert.DoesNotContain("<footer>", Page(null, ["a"]), StringComparison.Ordinal);
        var made = new TraceOrigin { Title = "Heads", Version = "1.2", Command = "ratilgpu attention" };
        var html = Page(new() { ModelName = "toy", Origin = made }, ["a"]);
        Assert.Contains("<h1>Heads</h1>", html, StringComparison.Ordinal);
        Assert.Contains("<div><dt>Model<dd><bdi>toy</bdi></div><div><dt>Layers", html, StringComparison.Ordinal);
        Assert.Contains(
            "<footer>Made by <bdi>RatIlgpu 1.2</bdi>: <code dir=\"ltr\">ratilgpu attention</code></footer>", html,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Prompts_are_chosen_from_a_list_or_by_radio_buttons_if_there_are_several()
    {
        Assert.DoesNotContain("name=\"prompt\"", Page(null, ["a"]), StringComparison.Ordinal);
        Assert.Contains("<select name=\"prompt\"", Page(null, ["a"], ["b"]), StringComparison.Ordinal);
        var radio = Page(new() { Picker = PromptPicker.Radio }, ["a"], ["b"]);
        Assert.Equal(2, Count(radio, "<input type=\"radio\" name=\"prompt\""));
        Assert.DoesNotContain("<select name=\"prompt\"", radio, StringComparison.Ordinal);
    }

    [Fact]
    public void The_explanation_stands_at_the_top_if_asked_for_and_says_only_what_applies()
    {
        Assert.DoesNotContain("class=\"card explain\"", Page(null, ["a"]), StringComparison.Ordinal);
        var help = Between(Page(new() { HelpText = true }, ["a"]), "class=\"card explain\"", "</details>");
        Assert.Contains("<dt>Focus<dd>", help, StringComparison.Ordinal);
        Assert.Contains("<dt>Value<dd>", help, StringComparison.Ordinal);
        Assert.DoesNotContain("<dt>Info<dd>", help, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_a_row_for_each_head_of_each_prompt()
    {
        var table = Between(Page(null, ["a", "b"], ["c"]), "id=\"table\"", "</details>");
        Assert.Equal(8, Count(table, "<tr><td>"));
        // Every query attends to all keys alike, the strongest key that is not the first is the second.
        Assert.Contains(
            "<tr><td><button data-row=\"0,3\">L1H1</button><td>0<td>0.500<td>0.500<td>0.500"
            + "<td><bdi>b</bdi> 1<td><bdi>b</bdi> 1<td>0.50001",
            table, StringComparison.Ordinal);
        Assert.Contains(
            "<tr><td><button data-row=\"1,0\">L0H0</button><td>1<td><td><td><td><td><td>",
            table, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_table_is_that_of_the_first_prompt()
    {
        var page = Page(null, [.. Enumerable.Repeat<string[]>(["a"], 251)]);
        Assert.Contains("All heads of the first prompt as a table (4)", page, StringComparison.Ordinal);
        Assert.Equal(4, Count(page, "data-row="));
    }

    [Fact]
    public void Names_of_heads_follow_the_notation()
    {
        Assert.Contains(">L1H0</button>", Page(null, ["a"]), StringComparison.Ordinal);
        Assert.Contains(">1.0</button>", Page(new() { Notation = HeadNotation.Dot }, ["a"]), StringComparison.Ordinal);
    }

    // docs/pages-performance.md says what takes the bytes.
    [Fact]
    public void Script_and_style_keep_their_budgets()
    {
        var html = Page(null, ["a"]);
        Assert.InRange(
            Encoding.UTF8.GetByteCount(Between(html, "<script type=\"module\">", "</script>")), 10_000, 52_000);
        Assert.InRange(Encoding.UTF8.GetByteCount(Between(html, "<style>", "</style>")), 5_000, 16_000);
    }

    static string Page(AttentionPageOptions? options, params string[][] prompts)
    {
        var builder = new AttentionPageBuilder(options);
        foreach (var tokens in prompts)
        {
            builder.BeginPrompt([.. tokens.Select((text, i) => new TokenText(i, text, []))]);
            foreach (var head in new HeadIndex[] { new(0, 0), new(0, 1), new(1, 0), new(1, 1) })
                builder.Add(new HeadAttention(head, tokens.Length, (first, rows) =>
                {
                    for (var i = 0; i < rows.Length; i++)
                        rows[i] = i % tokens.Length <= first + (i / tokens.Length)
                            ? 1f / (first + (i / tokens.Length) + 1) : 0;
                })
                {
                    ValueFactors = [.. Enumerable.Repeat(1f, tokens.Length)],
                });
        }

        return builder.ToPage().Html;
    }

    static int Count(string text, string part) => text.Split(part).Length - 1;
}
