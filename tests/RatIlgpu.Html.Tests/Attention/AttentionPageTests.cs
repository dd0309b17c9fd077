using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Attention;

public sealed class AttentionPageTests
{
    [Fact]
    public void The_plan_names_heads_prompts_weightings_and_summaries()
    {
        var builder = new AttentionPageBuilder(new() { Weights = AttentionWeights.Info, Mode = AttentionMode.Large });
        builder.BeginPrompt(SampleHeads.Tokens(3), [0, 1, 1], "the label");
        builder.Add(SampleHeads.Head(3, 3, hasFactors: true));
        using var data = PageData.Of(builder.ToPage().Html);
        var plan = data.RootElement;
        var head = Assert.Single(plan.GetProperty("heads").EnumerateArray());
        Assert.Equal("L0H3", head.GetProperty("name").GetString());
        Assert.Equal((0, 3), (head.GetProperty("layer").GetInt32(), head.GetProperty("head").GetInt32()));
        var prompt = Assert.Single(plan.GetProperty("prompts").EnumerateArray());
        Assert.Equal("the label", prompt.GetProperty("label").GetString());
        Assert.Equal([" t0", " t1", " t2"], Texts(prompt, "tokens"));
        Assert.Equal([0, 1, 2], prompt.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal([0, 1, 1], prompt.GetProperty("mask").EnumerateArray().Select(one => one.GetInt32()));
        Assert.True(prompt.GetProperty("causal").GetBoolean());
        Assert.Equal("exact", prompt.GetProperty("tier").GetString());
        Assert.Equal(1.0 / 65_535, prompt.GetProperty("bound").GetDouble());
        Assert.Equal(["standard", "value", "info"], Texts(plan, "weights"));
        Assert.Equal(["max", "mean"], Texts(plan, "reductions"));
        Assert.Equal("info", plan.GetProperty("initial").GetProperty("weights").GetString());
        Assert.Equal("large", plan.GetProperty("initial").GetProperty("mode").GetString());
    }

    [Fact]
    public void A_page_shows_every_cell_within_half_a_step()
    {
        var head = SampleHeads.Head(3, 50);
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt(SampleHeads.Tokens(50));
        builder.Add(head);
        var rows = AttentionData.Rows(builder.ToPage().Html, 0, 0);
        var pattern = SampleHeads.Pattern(head);
        for (var query = 0; query < 50; query++)
            for (var key = 0; key <= query; key++)
                Assert.InRange(
                    Math.Abs((rows[query][key] / 65_535.0) - pattern[(query * 50) + key]), 0, 0.5 / 65_535);
    }

    [Fact]
    public void Padding_has_no_attention()
    {
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt(SampleHeads.Tokens(4), [0, 1, 1, 1]);
        builder.Add(SampleHeads.Head(1, 4));
        var rows = AttentionData.Rows(builder.ToPage().Html, 0, 0);
        Assert.All(rows, row => Assert.Equal(0, row[0]));
        Assert.NotEqual(0, rows[3][1]);
    }

    [Fact]
    public void Heads_are_shown_in_the_order_asked()
    {
        var builder = new AttentionPageBuilder { HeadOrder = [new(0, 2), new(0, 1)] };
        builder.BeginPrompt(SampleHeads.Tokens(4));
        builder.Add(SampleHeads.Head(1, 4));
        builder.Add(SampleHeads.Head(2, 4));
        using var data = PageData.Of(builder.ToPage().Html);
        Assert.Equal(
            ["L0H2", "L0H1"],
            data.RootElement.GetProperty("heads").EnumerateArray()
                .Select(head => head.GetProperty("name").GetString()!));
        Assert.Equal(
            [1, 0], data.RootElement.GetProperty("numbers").EnumerateArray().Select(number => number.GetInt32()));
    }

    [Fact]
    public void The_facts_of_a_head_are_means_and_its_strongest_cell()
    {
        var facts = new HeadFactsReader([0, 1, 1]);
        foreach (var (query, row) in new ushort[][] { [0], [0, 65_535], [0, 16_384, 49_151] }.Index())
            facts.Add(query, row);
        var found = facts.ToFacts();
        Assert.Equal(49_151 / 65_535.0, found.ToItself, 1e-12);
        Assert.Equal(16_384 / 65_535.0, found.ToPrevious, 1e-12);
        Assert.Equal(16_384 / 65_535.0, found.ToFirst, 1e-12);
        Assert.Equal((2, 2), (found.Query, found.Key));
        Assert.Equal(49_151 / 65_535.0, found.Attention, 1e-12);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(new[] { 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1 })]
    public void The_facts_of_a_head_are_those_of_its_summary(int[]? mask)
    {
        const int Tokens = 11;
        const double Step = 0.5 / 65_535;
        ImmutableArray<int>? padding = mask is null ? null : [.. mask];
        var head = SampleHeads.Head(2, Tokens);
        var rows = SampleHeads.Pattern(head);
        var facts = new HeadFactsReader(padding);
        for (var query = 0; query < Tokens; query++)
        {
            facts.Add(query, [.. rows[(query * Tokens)..(query * Tokens + query + 1)].Select(
                p => (ushort)Math.Round(p * 65_535.0))]);
        }

        var (found, summary) = (facts.ToFacts(), HeadSummary.Of(head, padding));
        Assert.Equal(summary.Self, found.ToItself, Step);
        Assert.Equal(summary.Previous, found.ToPrevious, Step);
        Assert.Equal(summary.First, found.ToFirst, Step);
    }

    [Fact]
    public void The_same_heads_give_the_same_page() => Assert.Equal(Page().Html, Page().Html);

    [Fact]
    public void Heads_are_named_by_layer_and_head_or_with_a_dot()
    {
        var builder = new AttentionPageBuilder(new() { Notation = HeadNotation.Dot });
        builder.BeginPrompt(SampleHeads.Tokens(2));
        builder.Add(SampleHeads.Head(20, 2));
        Assert.Contains("\"name\":\"1.6\"", builder.ToPage().Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_is_text_that_is_made_of_index_and_tokens()
    {
        var builder = new AttentionPageBuilder(new() { Label = (index, tokens) => $"<b>{index}</b> {tokens.Count}" });
        builder.BeginPrompt(SampleHeads.Tokens(2));
        builder.Add(SampleHeads.Head(0, 2));
        var html = builder.ToPage().Html;
        Assert.DoesNotContain("<b>0</b>", html, StringComparison.Ordinal);
        using var data = PageData.Of(html);
        Assert.Equal(
            "<b>0</b> 2", data.RootElement.GetProperty("prompts")[0].GetProperty("label").GetString());
    }

    [Fact]
    public void Says_which_head_a_prompt_lacks()
    {
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt(SampleHeads.Tokens(2));
        builder.Add(SampleHeads.Head(0, 2));
        builder.BeginPrompt(SampleHeads.Tokens(2));
        Says("Prompt 1 has L0H1 as its head 0, and prompt 0 has L0H0", () => builder.Add(SampleHeads.Head(1, 2)));
        Says("Prompt 1 has 0 heads; it needs the 1 of prompt 0.", () => builder.ToPage());
    }

    [Fact]
    public void Says_what_a_head_does_not_fit()
    {
        var builder = new AttentionPageBuilder();
        Assert.Throws<InvalidOperationException>(() => builder.Add(SampleHeads.Head(0, 2)));
        Says("There is no prompt to show", () => builder.ToPage());
        Says("A prompt has 0 tokens", () => builder.BeginPrompt([]));
        Says("The mask of a prompt has 1 numbers, 1 of them 1, for 2 tokens", () => builder.BeginPrompt(
            SampleHeads.Tokens(2), [1]));
        builder.BeginPrompt(SampleHeads.Tokens(2));
        Says("Head L0H0 has 3 tokens, and prompt 0 has 2", () => builder.Add(SampleHeads.Head(0, 3)));
        builder.Add(SampleHeads.Head(0, 2));
        Says("Head L0H1 has the weightings", () => builder.Add(SampleHeads.Head(1, 2, hasFactors: true)));
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(2f, "2")]
    [InlineData(-1f, "-1")]
    public void A_number_that_is_no_probability_is_refused_and_not_changed_into_one(float number, string shown)
    {
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt(SampleHeads.Tokens(3));
        Says($"Head L0H1, query 2, key 1: {shown} is no probability; give the attention after its softmax",
            () => builder.Add(new HeadAttention(new(0, 1), 3, (first, rows) =>
            {
                rows.Clear();
                rows[((2 - first) * 3) + 1] = number;
            })));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(1f, 0.5f, 0.5f, 0.5f)]
    [InlineData(1f, float.NaN, 0f)]
    [InlineData(1f, 3f, 0f)]
    public void Factors_need_a_share_for_each_key(params float[] factors)
    {
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt(SampleHeads.Tokens(3));
        var head = new HeadAttention(new(0, 1), 3, (_, rows) => rows.Clear()) { InfoFactors = [.. factors] };
        Says($"Head L0H1 has {factors.Length} factors of keys for 3 tokens", () => builder.Add(head));
    }

    [Fact]
    public void A_mask_of_other_numbers_a_missing_token_and_a_head_that_comes_twice_are_refused()
    {
        var builder = new AttentionPageBuilder();
        Says("The mask of a prompt has the number 2, expected 1",
            () => builder.BeginPrompt(SampleHeads.Tokens(3), [1, 2, 0]));
        Says("A token of a prompt is null", () => builder.BeginPrompt([null!]));
        builder.BeginPrompt(SampleHeads.Tokens(3));
        builder.Add(SampleHeads.Head(1, 3));
        Says("Head L0H1 is added twice", () => builder.Add(SampleHeads.Head(1, 3)));
    }

    [Fact]
    public void Says_that_lines_show_one_prompt()
    {
        var builder = new AttentionPageBuilder(new() { Mode = AttentionMode.Lines });
        builder.BeginPrompt(SampleHeads.Tokens(2));
        Says("Lines show one prompt", () => builder.BeginPrompt(SampleHeads.Tokens(2)));
    }

    [Fact]
    public void A_head_without_an_order_or_twice_in_it_is_refused()
    {
        var builder = new AttentionPageBuilder { HeadOrder = [new(0, 0), new(0, 0)] };
        builder.BeginPrompt(SampleHeads.Tokens(2));
        builder.Add(SampleHeads.Head(0, 2));
        builder.Add(SampleHeads.Head(1, 2));
        Says("The order has the heads L0H0, L0H0, but L0H0, L0H1 were added", () => builder.ToPage());
    }

    static HtmlPage Page()
    {
        var builder = new AttentionPageBuilder();
        builder.BeginPrompt(SampleHeads.Tokens(60));
        for (var head = 0; head < 6; head++)
            builder.Add(SampleHeads.Head(head, 60));
        return builder.ToPage();
    }

    static string[] Texts(System.Text.Json.JsonElement plan, string name) =>
        [.. plan.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];

    static void Says(string start, Action act) => Assert.StartsWith(
        start, Assert.Throws<ArgumentException>(act).Message, StringComparison.Ordinal);
}
