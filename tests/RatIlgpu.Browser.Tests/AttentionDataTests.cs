using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Html.Tests.Attention;

namespace RatIlgpu.Browser.Tests;

/// <summary>Holds what the script reads of a pattern to what the library wrote.</summary>
public sealed class AttentionDataTests(Chromium chromium) : PageTests(chromium)
{
    // Rounding of single precision, in which the script keeps factors.
    const double Tolerance = 1e-7;

    const int Tokens = 70, Heads = 3;

    static readonly ImmutableArray<AttentionWeights> Weights =
        [AttentionWeights.Standard, AttentionWeights.Value, AttentionWeights.Info];

    [Theory]
    [InlineData(25_000_000, "exact")]
    [InlineData(45_000, "compact")]
    [InlineData(35_000, "topk")]
    public void The_script_reads_the_values_that_were_written(int most, string tier)
    {
        var html = Page(most).Html;
        using var plan = PageData.Of(html);
        Assert.Equal(tier, plan.RootElement.GetProperty("prompts")[0].GetProperty("tier").GetString());
        foreach (var weights in Weights)
            for (var head = 0; head < Heads; head++)
            {
                var factors = Factors(head, weights);
                var expected = AttentionData.Rows(html, 0, head, AttentionWeights.Value, AttentionWeights.Info);
                using var found = Read(html, $"head(0, {head}, '{AttentionPlan.NameOf(weights)}')");
                AssertRows(expected, factors, found.RootElement);
                AssertMeans(head, factors, found.RootElement.GetProperty("means"));
            }
    }

    [Theory]
    [InlineData(25_000_000)]
    [InlineData(35_000)]
    public void The_script_reads_the_summaries_that_were_written(int most)
    {
        var html = Page(most).Html;
        using var plan = PageData.Of(html);
        var tier = AttentionData.TierOf(plan.RootElement.GetProperty("prompts")[0]);
        tier = tier.Strongest == 0 ? PatternTier.OfSummary(0) : tier;
        foreach (var (reduction, weights) in from reduction in new[] { "max", "mean" }
                                             from weights in Weights
                                             select (reduction, AttentionPlan.NameOf(weights)))
        {
            var packed = new PackedPattern(AttentionData.Block(html, $"sum-0-{reduction}-{weights}"), 0);
            var pattern = packed.ReadSummary(new(Tokens, IsCausal: true), tier, reduction == "max");
            using var found = Read(html, $"summary(0, '{reduction}', '{weights}')");
            AssertRows([.. pattern.ShownRows()], null, found.RootElement);
            Assert.Equal(
                pattern.Winners?.Select(head => (int)head) ?? [],
                found.RootElement.GetProperty("winners").EnumerateArray().Select(one => one.GetInt32()));
        }
    }

    [Fact]
    public void Values_that_are_not_exact_are_marked()
    {
        using var exact = Read(Page(25_000_000).Html, "head(0, 3 - 1, 'standard')");
        Assert.Equal([""], exact.RootElement.GetProperty("qualities").EnumerateArray().Select(one => one.GetString()));
        using var compact = Read(Page(45_000).Html, "head(0, 3 - 1, 'standard')");
        Assert.Equal(
            ["", "≈"], compact.RootElement.GetProperty("qualities").EnumerateArray().Select(one => one.GetString()));
        using var pooled = Read(Page(35_000).Html, "head(0, 3 - 1, 'standard')");
        Assert.Equal(
            ["", "≤"], pooled.RootElement.GetProperty("qualities").EnumerateArray().Select(one => one.GetString()));
    }

    [Fact]
    public void The_script_pools_the_cells_of_blocks_and_names_heads_in_their_order()
    {
        var builder = new AttentionPageBuilder { HeadOrder = [new(0, 1), new(0, 0)] };
        builder.BeginPrompt(SampleHeads.Tokens(4), [0, 1, 1, 1]);
        builder.Add(SampleHeads.Head(0, 4));
        builder.Add(SampleHeads.Head(1, 4));
        var html = builder.ToPage().Html;
        // The first head that is shown was added last.
        var rows = AttentionData.Rows(html, 0, 1);
        using var head = Read(html, "head(0, 0, 'standard')");
        double[] pooled = [.. head.RootElement.GetProperty("pooled").EnumerateArray().Select(one => one.GetDouble())];
        Assert.Equal(rows[1][1] / 65_535.0, pooled[0], Tolerance);
        Assert.Equal(-1, pooled[1]);
        Assert.Equal(rows[2..].Max(row => row[1]) / 65_535.0, pooled[2], Tolerance);
        Assert.Equal(rows[2..].Max(row => row[2..].Max()) / 65_535.0, pooled[3], Tolerance);
        Assert.Equal(JsonValueKind.Null, head.RootElement.GetProperty("rows")[2][0].ValueKind);
        using var summary = Read(html, "summary(0, 'max', 'standard')");
        var second = AttentionData.Rows(html, 0, 0);
        Assert.Equal(
            from query in Enumerable.Range(0, 4)
            from key in Enumerable.Range(0, query + 1)
            where Math.Max(rows[query][key], second[query][key]) > 0
            select second[query][key] >= rows[query][key] ? 1 : 0,
            summary.RootElement.GetProperty("winners").EnumerateArray().Select(one => one.GetInt32()));
    }

    static HtmlPage Page(int most)
    {
        var builder = new AttentionPageBuilder(new() { MaxBytes = most });
        builder.BeginPrompt(SampleHeads.Tokens(Tokens));
        for (var head = 0; head < Heads; head++)
            builder.Add(SampleHeads.Head(head + 1, Tokens, hasFactors: true));
        return builder.ToPage();
    }

    static double[]? Factors(int head, AttentionWeights weights) => weights == AttentionWeights.Standard
        ? null
        : [.. SampleHeads.Head(head + 1, Tokens, hasFactors: true).FactorsOf(weights)!.Value
            .Select(factor => PatternCode.Of(factor) / (double)PatternCode.One)];

    static void AssertRows(ushort[][] expected, double[]? factors, JsonElement found)
    {
        for (var query = 0; query < Tokens; query++)
        {
            var row = found.GetProperty("rows")[query];
            var values = expected[query].Select((code, key) =>
                code / (double)PatternCode.One * (factors?[key] ?? 1)).ToArray();
            for (var key = 0; key < Tokens; key++)
                if (key <= query)
                    Assert.Equal(values[key], row[key].GetDouble(), Tolerance);
                else
                    Assert.Equal(JsonValueKind.Null, row[key].ValueKind);
            var strongest = found.GetProperty("strongest")[query];
            Assert.True(strongest[0].GetProperty("value").GetDouble() >= values.Max() - Tolerance
                || factors is not null);
        }
    }

    // Each cell is rounded, and so is its product with a factor.
    static void AssertMeans(int head, double[]? factors, JsonElement means)
    {
        var pattern = SampleHeads.Pattern(SampleHeads.Head(head + 1, Tokens));
        for (var query = 0; query < Tokens; query++)
            Assert.Equal(
                Enumerable.Range(0, query + 1).Average(
                    key => pattern[(query * Tokens) + key] * (factors?[key] ?? 1)),
                means[query].GetDouble(),
                1.0 / PatternCode.One);
    }

    // The script of the page has its own scope, so the asset is run once more beside it.
    JsonDocument Read(string html, string pattern)
    {
        Load(html);
        return JsonDocument.Parse((string)Driver.ExecuteAsyncScript($$"""
            {{Asset.Join("core.js", "attention-data.js")}}
            const done = arguments[0];
            (async () => {
              const { type, textContent } = byId('data');
              const plan = JSON.parse(type === 'application/json'
                ? textContent
                : new TextDecoder().decode(await readBytes('data')));
              const pattern = await attentionOf(plan).{{pattern}};
              const all = Array.from({ length: pattern.size }, (_, i) => i);
              const cells = all.flatMap((query) => all.map((key) => [query, key]))
                .filter(([query, key]) => pattern.value(query, key) !== null);
              done(JSON.stringify({
                rows: all.map((query) => all.map((key) => pattern.value(query, key))),
                strongest: all.map((query) => pattern.strongest(query, 5)),
                winners: cells.map(([query, key]) => pattern.winner(query, key)).filter((head) => head >= 0),
                qualities: [...new Set(cells.map(([query, key]) => pattern.quality(query, key)))].sort(),
                pooled: [...pattern.pooled(2)],
                means: all.map((query) => pattern.rowMean(query)),
              }));
            })().catch((error) => done(String(error)));
            """)!);
    }
}
