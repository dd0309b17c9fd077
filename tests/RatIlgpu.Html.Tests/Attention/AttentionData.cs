using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Attention;

/// <summary>The patterns inside a page, read without its script.</summary>
static partial class AttentionData
{
    /// <summary>Returns the codes that a page shows of a head, query by query.</summary>
    public static ushort[][] Rows(string html, int prompt, int head, params ImmutableArray<AttentionWeights> weights)
    {
        using var plan = PageData.Of(html);
        var of = plan.RootElement.GetProperty("prompts")[prompt];
        var shape = new PatternShape(of.GetProperty("tokens").GetArrayLength(), of.GetProperty("causal").GetBoolean());
        ImmutableArray<AttentionWeights> all = [AttentionWeights.Standard, .. weights];
        var packed = new PackedPattern(Block(html, $"head-{prompt}-{head}"), 0);
        return of.GetProperty("tier").GetString() == "exact"
            ? [.. packed.ReadExact(shape, all, out _).ShownRows()]
            : [.. packed.ReadPooled(shape, TierOf(of), all, out _).ShownRows()];
    }

    /// <summary>Returns the bytes of a block before they became base64.</summary>
    public static byte[] Block(string html, string id) =>
        Convert.FromBase64String(html.Split($"id=\"{id}\">")[1].Split("</script>")[0]);

    /// <summary>Returns the number of characters of each pattern of a head.</summary>
    public static int[] Sizes(string html) =>
        [.. HeadBlocks.Matches(html).Select(match => match.Groups[1].Length)];

    public static PatternTier TierOf(JsonElement prompt) =>
        new(prompt.GetProperty("side").GetInt32(), prompt.GetProperty("k").GetInt32());

    [GeneratedRegex("id=\"head-[^>]*>([^<]*)<")]
    private static partial Regex HeadBlocks { get; }
}
