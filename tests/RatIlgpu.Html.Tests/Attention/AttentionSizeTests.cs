using System.Text.RegularExpressions;

namespace RatIlgpu.Html.Tests.Attention;

public sealed class AttentionSizeTests
{
    [Fact]
    public void A_head_of_512_tokens_takes_a_tenth_to_a_quarter_of_a_megabyte()
    {
        var sizes = AttentionData.Sizes(Page(SampleHeads.Kinds, 512).Html);
        Assert.InRange(sizes.Average(), 0, 200_000);
        Assert.All(sizes, size => Assert.InRange(size, 0, 240_000));
    }

    [Fact]
    public void Fourteen_heads_of_2048_tokens_fit_with_every_weighting()
    {
        var html = Page(14, 2_048, hasFactors: true).Html;
        Assert.InRange(html.Length, 0, 25_000_000);
        Assert.DoesNotContain("topk", Tier(html), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(700_000, "exact", 0, 200)]
    [InlineData(520_000, "compact", 16, 200)]
    [InlineData(400_000, "topk", 16, 128)]
    [InlineData(200_000, "topk", 8, 64)]
    [InlineData(140_000, "topk", 4, 64)]
    public void A_page_loses_detail_until_it_fits(int most, string tier, int strongest, int side)
    {
        var html = Page(20, 200, most: most).Html;
        using var data = PageData.Of(html);
        var prompt = data.RootElement.GetProperty("prompts")[0];
        Assert.Equal(tier, prompt.GetProperty("tier").GetString());
        Assert.Equal(strongest, prompt.GetProperty("k").GetInt32());
        Assert.Equal(side, prompt.GetProperty("side").GetInt32());
        Assert.InRange(AttentionData.Sizes(html).Sum(), 0, most);
    }

    [Theory]
    [InlineData(700_000)]
    [InlineData(520_000)]
    [InlineData(200_000)]
    public void A_page_shows_every_cell_within_its_bound(int most)
    {
        var html = Page(20, 200, most: most).Html;
        using var data = PageData.Of(html);
        var bound = data.RootElement.GetProperty("prompts")[0].GetProperty("bound").GetDouble();
        for (var head = 0; head < 20; head++)
        {
            var pattern = SampleHeads.Pattern(SampleHeads.Head(head, 200));
            foreach (var (query, row) in AttentionData.Rows(html, 0, head).Index())
                for (var key = 0; key < row.Length; key++)
                    Assert.InRange(Math.Abs((row[key] / 65_535.0) - pattern[(query * 200) + key]), 0, bound);
        }
    }

    [Fact]
    public void A_page_that_lost_detail_on_the_way_is_that_which_never_had_more()
    {
        var late = Page(20, 200, most: 200_000).Html;
        var shape = new PatternShape(200, IsCausal: true);
        using var data = PageData.Of(late);
        var tier = AttentionData.TierOf(data.RootElement.GetProperty("prompts")[0]);
        for (var head = 0; head < 20; head++)
        {
            var pattern = SampleHeads.Pattern(SampleHeads.Head(head, 200));
            var exact = new ExactPattern(shape, [.. Enumerable.Range(0, 200).SelectMany(
                query => pattern.Skip(query * 200).Take(query + 1).Select(PatternCode.Of))]);
            Assert.Equal(
                PackedPattern.Of(exact, tier, new(null, null)).Bytes, AttentionData.Block(late, $"head-0-{head}"));
        }
    }

    [Fact]
    public void Long_prompts_keep_a_map_and_their_strongest_keys()
    {
        var html = Page(2, 8_192).Html;
        using var data = PageData.Of(html);
        var prompt = data.RootElement.GetProperty("prompts")[0];
        Assert.Equal("topk", prompt.GetProperty("tier").GetString());
        Assert.Equal((64, 512), (prompt.GetProperty("k").GetInt32(), prompt.GetProperty("side").GetInt32()));
        Assert.Equal("max", Assert.Single(data.RootElement.GetProperty("reductions").EnumerateArray()).GetString());
        Assert.InRange(html.Length, 0, 6_000_000);
    }

    [Fact]
    public void Says_how_large_a_page_would_be_and_what_makes_it_smaller()
    {
        var error = Assert.Throws<ArgumentException>(() => Page(20, 200, most: 50_000));
        Assert.Matches(
            @"^The data of the page take [\d,]+ bytes for its 22 patterns with the least detail, and may take 50,000 "
            + @"bytes in all\. Choose fewer layers, heads or prompts, or shorter prompts, or allow it with MaxBytes ",
            error.Message);
        var enough = Regex.Match(error.Message, @"MaxBytes (\d+)").Groups[1].Value;
        Assert.Equal("topk", Tier(Page(20, 200, most: int.Parse(enough, CultureInfo.InvariantCulture)).Html));
    }

    [Fact]
    public void A_page_that_is_several_times_too_large_is_refused_before_all_of_it_is_made()
    {
        var error = Assert.Throws<ArgumentException>(() => Page(40, 200, most: 5_000));
        Assert.Matches(
            @"^The data of the page take at least 2\d,\d{3} bytes for the first \d+ patterns with the least detail, "
            + @"and may take 5,000 bytes in all\. Choose .*, or allow more with MaxBytes\.",
            error.Message);
    }

    static HtmlPage Page(int heads, int tokens, bool hasFactors = false, int most = 25_000_000)
    {
        var builder = new AttentionPageBuilder(new() { MaxBytes = most });
        builder.BeginPrompt(SampleHeads.Tokens(tokens));
        for (var head = 0; head < heads; head++)
            builder.Add(SampleHeads.Head(head, tokens, hasFactors));
        return builder.ToPage();
    }

    static string Tier(string html)
    {
        using var data = PageData.Of(html);
        return data.RootElement.GetProperty("prompts")[0].GetProperty("tier").GetString()!;
    }
}
