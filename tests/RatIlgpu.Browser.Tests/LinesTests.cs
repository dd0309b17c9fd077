using System.Xml.Linq;
using OpenQA.Selenium;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Text;

namespace RatIlgpu.Browser.Tests;

public sealed class LinesTests(Chromium chromium) : AttentionTests(chromium)
{
    const int Size = 4;

    [Fact]
    public void Without_a_token_the_page_says_how_to_select_one()
    {
        OpenLines();
        Assert.StartsWith("No token selected", Find("#lines-empty").Text, StringComparison.Ordinal);
        Assert.Equal("L0H0", Find("#lines-title").Text);
        Assert.Empty(Scores());
        AssertClean();
    }

    [Fact]
    public void The_pictures_show_the_links_that_are_shown_with_their_scores()
    {
        OpenLines("#k=3&h=0.1");
        Await("lines", "1,3");
        var drawing = XDocument.Parse(Exported("svg", "attention-0.1"));
        var links = drawing.Descendants().Where(part => part.Name.LocalName == "path").ToArray();
        double[] values =
            [.. Enumerable.Range(0, 4).Select(key => Probability(1, 3, key)).Where(one => one >= 1 / 256.0)];
        Assert.Equal(values.Length, links.Length);
        Assert.All(links.Zip(values), link => Assert.Equal(
            link.Second, double.Parse(link.First.Attribute("stroke-opacity")!.Value, CultureInfo.InvariantCulture),
            1e-3));
        var texts = drawing.Descendants().Where(part => part.Name.LocalName == "text").Select(part => part.Value);
        Assert.All(Scores(), score => Assert.Contains(score.ToString("F2", CultureInfo.InvariantCulture), texts));
        Assert.DoesNotContain(drawing.Descendants(), part => part.Attribute("shape-rendering") is not null);
    }

    [Fact]
    public void Without_links_the_pictures_show_the_matrix_and_say_so()
    {
        OpenLines("#h=0.1");
        Await("lines", "1,-1");
        var drawing = XDocument.Parse(Exported("svg", "attention-0.1"));
        Assert.Contains(
            drawing.Descendants(), part => part.Value.StartsWith("L0H1 · matrix · ", StringComparison.Ordinal));
        Assert.Contains(drawing.Descendants(), part => part.Attribute("shape-rendering") is not null);
    }

    [Fact]
    public void Paper_has_columns_as_wide_as_a_sheet()
    {
        OpenLines("#k=3");
        Await("lines", "0,3");
        Script<object?>("dispatchEvent(new Event('beforeprint'))");
        Assert.True(Number("document.querySelector('#lines-rows').clientWidth") <= 680);
        Assert.Equal("light", Data("theme"));
        Script<object?>("dispatchEvent(new Event('afterprint'))");
        Assert.True(Number("document.querySelector('#lines-rows').clientWidth") > 680);
    }

    [Fact]
    public void Pointing_computes_a_row_a_click_keeps_it_and_another_one_lets_it_go()
    {
        OpenLines();
        Hover(Query(3));
        Await("lines", "0,3");
        Assert.False(Find("#lines-empty").Displayed);
        Assert.Equal(4, Scores().Length);
        Leave();
        Await("lines", "0,-1");
        Click(Query(3));
        Leave();
        Await("lines", "0,3");
        Assert.Equal("3", Data("tok-lock"));
        Hover(Query(1));
        Await("lines", "0,1");
        Leave();
        Await("lines", "0,3");
        Click(Query(3));
        Leave();
        Await("lines", "0,-1");
        Click(Query(2));
        Leave();
        Press(Keys.Escape);
        Await("lines", "0,-1");
    }

    [Fact]
    public void Scores_are_those_of_the_vectors_and_their_softmax_is_the_probability()
    {
        OpenLines("#k=5&h=1.1");
        Await("lines", "3,5");
        var shown = Scores();
        Assert.Equal(6, shown.Length);
        Assert.All(shown.Index(), score => Assert.Equal(Score(3, 5, score.Index), score.Item, 0.005 + 0.01));
        var probabilities = Numbers(".probability");
        var sum = shown.Sum(Math.Exp);
        // Both are rounded to the digits that are written.
        Assert.All(shown.Zip(probabilities), pair =>
            Assert.Equal(Math.Exp(pair.First) / sum, pair.Second, 0.02));
        Assert.All(probabilities.Index(), cell => Assert.Equal(Probability(3, 5, cell.Index), cell.Item, 2e-5));
    }

    [Fact]
    public void Keys_after_the_query_are_masked_and_have_no_part_in_the_colours()
    {
        OpenLines("#k=1");
        Await("lines", "0,1");
        Assert.Equal(
            ["", "", "masked", "masked", "masked", "masked"],
            All(".lr-chunk .lr").Select(row => row.FindElement(By.CssSelector(".probability")).Text)
                .Select(text => text == "masked" ? text : ""));
        var scores = new[] { Score(0, 1, 0), Score(0, 1, 1) };
        var expected = scores.Select(score => Math.Round(6 * Math.Tanh((score - scores.Average()) / 4)));
        Assert.Equal(
            expected.Select(step => step.ToString(CultureInfo.InvariantCulture)),
            All(".lr-chunk .score").Take(2).Select(cell => cell.GetDomAttribute("data-v")));
    }

    [Fact]
    public void A_positive_number_is_blue_and_a_negative_one_orange()
    {
        OpenLines("#k=0");
        Await("lines", "0,0");
        var (blue, orange) = (0, 0);
        for (var i = 0; i < Size; i++)
        {
            var colour = PixelOfKey(i);
            if (Vector(0, 0, i, isKey: true) > 1)
                Assert.True(colour[2] > colour[0], $"cell {i} is {string.Join(",", colour)}");
            if (Vector(0, 0, i, isKey: true) < -1)
                Assert.True(colour[0] > colour[2], $"cell {i} is {string.Join(",", colour)}");
            (blue, orange) = (blue + (colour[2] > colour[0] ? 1 : 0), orange + (colour[0] > colour[2] ? 1 : 0));
        }

        Assert.True(blue > 0 && orange > 0);
    }

    [Fact]
    public void Minus_shows_the_links_and_plus_the_vectors()
    {
        OpenLines();
        Press("-");
        Await("view", "links");
        Assert.True(Find(".least").Displayed);
        Assert.False(Find(".lr-chunk .score").Displayed);
        Press("+");
        Await("view", "vectors");
        Assert.False(Find(".least").Displayed);
    }

    [Fact]
    public void Links_are_drawn_of_what_is_focused_and_without_a_focus_of_the_strong_ones()
    {
        OpenLines("#v=links");
        Await("lines", "0,-1");
        var all = Ink();
        Assert.True(all > 0);
        Click("button[data-set=least][value='0.3']");
        Leave();
        Until(() => Ink() < all);
        Hover(Query(5));
        Await("lines", "0,5");
        Assert.True(Ink() > 0);
        Assert.Empty(All("#lines svg"));
    }

    [Fact]
    public void A_focused_key_shows_who_looks_at_it()
    {
        OpenLines("#v=links&d=key&k=0");
        Await("lines", "0,0");
        Assert.Equal("", Find(".to[data-on]").GetDomAttribute("data-on"));
        Assert.Contains("key", Find("#lines-title").Text, StringComparison.Ordinal);
        Assert.True(Ink() > 0);
    }

    [Fact]
    public void Layer_and_head_are_chosen_apart_where_all_are_there()
    {
        OpenLines();
        Assert.False(Find("#lines-one").Displayed);
        Script<object?>("""
            const head = document.getElementById('lines-head');
            head.value = '1';
            head.dispatchEvent(new Event('change', { bubbles: true }));
            """);
        Await("lines", "1,-1");
        Script<object?>("""
            const layer = document.getElementById('lines-layer');
            layer.value = '1';
            layer.dispatchEvent(new Event('change', { bubbles: true }));
            """);
        Await("lines", "3,-1");
        Assert.StartsWith("L1H1", Find("#lines-title").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_some_heads_one_is_chosen_from_a_list()
    {
        OpenAttention(Page(3, 6));
        Assert.True(Find("#lines-one").Displayed);
        Assert.False(Find("#lines-layer").Displayed);
        Assert.Equal(3, All("#lines-one option").Count);
    }

    [Fact]
    public void Arrow_keys_move_through_the_queries()
    {
        OpenLines();
        Script<object?>($"document.querySelector(\"{Query(0)}\").focus()");
        Press(Keys.ArrowDown, Keys.ArrowDown);
        Await("lines", "0,2");
        Press(Keys.Enter);
        Await("tok-lock", "2");
        Press(Keys.End);
        Await("lines", "0,5");
    }

    [Fact]
    public void Five_hundred_tokens_are_usable()
    {
        OpenAttention(Page(1, 512), "#k=511");
        Await("lines", "0,511");
        Assert.Equal(512, Scores().Length);
        // The locked token is in view, and what is painted is no larger than what is seen.
        Assert.True(Number("document.getElementById('lines-area').scrollTop") > 5_000);
        Assert.True(Number("document.getElementById('lines-canvas').height") < 2_000);
        Assert.True(Ink() > 0);
    }

    [Fact]
    public void Tokens_are_text_whatever_they_hold()
    {
        OpenAttention(Page(1, Html.Tests.SampleTrace.Hostile.Length, Html.Tests.SampleTrace.Hostile), "#k=3");
        Await("lines", "0,3");
        Assert.Empty(All("#lines img"));
        AssertClean();
    }

    [Fact]
    public void Nothing_moves_when_a_token_is_focused()
    {
        OpenLines();
        var before = Places();
        Hover(Query(5));
        Await("lines", "0,5");
        Assert.Equal(before, Places());
    }

    void OpenLines(string address = "") => OpenAttention(Page(4, 6), address);

    static string Query(int i) => $"#lines-rows .t[data-i='{i}']";

    double[] Scores() => Numbers(".score");

    double[] Numbers(string selector) =>
    [
        .. Script<IReadOnlyCollection<object>>(
                "return [...document.querySelectorAll(`.lr-chunk ${arguments[0]}`)].map((cell) => cell.textContent)",
                selector)
            .Cast<string>().Where(text => text is not ("" or "masked"))
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture)),
    ];

    string Places() => Script<string>("""
        return JSON.stringify([...document.querySelectorAll('#lines .to, #lines .foot, #toks')]
          .map((part) => part.getBoundingClientRect()).map(({ x, y }) => [x, y]));
        """);

    // The number of pixels of the canvas that are painted.
    double Ink() => Number("""
        (() => {
          const canvas = document.getElementById('lines-canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count++;
          return count;
        })()
        """);

    int[] PixelOfKey(int cell) =>
    [
        .. Script<IReadOnlyCollection<object>>("""
            const place = document.querySelectorAll('#lines-names > *')[2];
            const scale = devicePixelRatio;
            const x = place.offsetLeft + (arguments[0] + .5) * (place.offsetWidth - 16) / arguments[1];
            const { data } = document.getElementById('lines-canvas').getContext('2d')
              .getImageData(Math.floor(x * scale), Math.floor((44 + 11) * scale), 1, 1);
            return [...data];
            """, cell, Size).Select(part => Convert.ToInt32(part, CultureInfo.InvariantCulture)),
    ];

    // Numbers between -4 and 4, without an order that a mistake could hide in.
    static float Vector(int head, int token, int i, bool isKey) =>
        (((((token * 31) + (i * 17) + (head * 13) + (isKey ? 7 : 0)) * 97) % 81) - 40) / 10f;

    static double Score(int head, int query, int key) => Enumerable.Range(0, Size).Sum(i =>
        (double)Vector(head, query, i, false) * Vector(head, key, i, true)) / Math.Sqrt(Size);

    static double Probability(int head, int query, int key) => key > query ? 0 :
        Math.Exp(Score(head, query, key)) / Enumerable.Range(0, query + 1).Sum(k => Math.Exp(Score(head, query, k)));

    static HtmlPage Page(int heads, int tokens, string[]? texts = null)
    {
        texts ??= SampleAttention.Sentence;
        var builder = new AttentionPageBuilder(new() { Mode = AttentionMode.Lines });
        builder.BeginPrompt(
            [.. Enumerable.Range(0, tokens).Select(i => new TokenText(i, texts[i % texts.Length], []))]);
        for (var i = 0; i < heads; i++)
            builder.Add(HeadOf(i, tokens));
        return builder.ToPage();
    }

    static HeadAttention HeadOf(int head, int tokens) => new(
        SampleAttention.Heads[head], tokens, (first, rows) =>
        {
            for (var i = 0; i < rows.Length / tokens; i++)
            {
                var row = Enumerable.Range(0, tokens)
                    .Select(key => key > first + i ? 0 : Math.Exp(Score(head, first + i, key))).ToArray();
                var sum = row.Sum();
                for (var key = 0; key < tokens; key++)
                    rows[(i * tokens) + key] = (float)(row[key] / sum);
            }
        })
    {
        Queries = [.. Vectors(head, tokens, isKey: false)],
        Keys = [.. Vectors(head, tokens, isKey: true)],
    };

    static IEnumerable<float> Vectors(int head, int tokens, bool isKey) =>
        from token in Enumerable.Range(0, tokens)
        from i in Enumerable.Range(0, Size)
        select Vector(head, token, i, isKey);
}
