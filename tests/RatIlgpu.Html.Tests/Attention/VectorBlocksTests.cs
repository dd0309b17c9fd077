using System.Text.Json.Nodes;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Attention;

public sealed class VectorBlocksTests
{
    [Fact]
    public void Halves_are_read_as_they_were_written()
    {
        float[] numbers = [0, 1, -1, 0.5f, -65_504, 6e-8f, 1000.5f, -0f];
        Assert.Equal(
            numbers.Select(number => (double)(Half)number), HalfPlanes.Read(HalfPlanes.Write(numbers)));
    }

    [Fact]
    public void Numbers_that_no_half_reaches_are_scaled()
    {
        float[] numbers = [1e6f, -2.5e5f, 1];
        var read = HalfPlanes.Read(HalfPlanes.Write(numbers));
        Assert.All(numbers.Zip(read), pair => Assert.Equal(pair.First, pair.Second, 1e6 / 2048));
    }

    [Fact]
    public void The_low_bytes_stand_before_the_high_ones() =>
        // 1 is 0x3C00, -2 is 0xC000; the scale 1 is 0x3F800000.
        Assert.Equal([0, 0, 0x80, 0x3F, 0x00, 0x00, 0x3C, 0xC0], HalfPlanes.Write([1, -2]));

    [Fact]
    public void Halves_without_a_rest_give_scores_without_an_error()
    {
        // One number for each token: the scores of the second query are 2·3 and 2·1.
        var head = Head([1, 2], [3, 1], Softmax(3), Softmax(6, 2));
        var blocks = new VectorBlocks(2, null);
        blocks.Add(head, "L0H0");
        var plan = blocks.ToPlan([0]);
        Assert.Equal((1, 1e-9), (plan.HeadSize, plan.ScoreError));
        Assert.InRange(plan.ProbabilityError, 0, 1e-7);
        Assert.Equal([1], plan.Reach);
        Assert.Equal(["query-0", "key-0"], blocks.ToData().Select(block => block.Id));
    }

    [Fact]
    public void The_stated_error_is_that_of_the_worst_score()
    {
        // A half has eleven bits: 2049 becomes 2048.
        var blocks = new VectorBlocks(1, null);
        blocks.Add(Head([1], [2049], [1]), "L0H0");
        Assert.InRange(blocks.ToPlan([0]).ScoreError, 1, 1.1);
    }

    [Fact]
    public void Heads_that_share_keys_have_them_once()
    {
        var blocks = new VectorBlocks(1, null);
        blocks.Add(Head([1], [3], [1]), "L0H0");
        blocks.Add(Head([2], [3], [1]), "L0H1");
        blocks.Add(Head([1], [4], [1]), "L0H2");
        Assert.Equal([0, 0, 1], blocks.ToPlan([0, 1, 2]).Keys);
        var other = blocks.ToPlan([2, 0]);
        Assert.Equal([2, 0], other.Queries);
        Assert.Equal([1, 0], other.Keys);
        Assert.Equal(
            ["key-0", "key-1", "query-0", "query-1", "query-2"], blocks.ToData().Select(block => block.Id).Order());
    }

    [Fact]
    public void Keys_beyond_the_window_of_a_head_are_not_seen()
    {
        var blocks = new VectorBlocks(3, null);
        blocks.Add(Head([0, 0, 0], [1, 1, 1], [1], [0.5f, 0.5f], [0, 0.5f, 0.5f]), "L0H0");
        var plan = blocks.ToPlan([0]);
        Assert.Equal([1], plan.Reach);
        Assert.InRange(plan.ProbabilityError, 0, 1e-7);
    }

    [Fact]
    public void Padding_has_no_part_in_the_softmax()
    {
        var blocks = new VectorBlocks(3, [0, 1, 1]);
        blocks.Add(Head([0, 0, 0], [9, 1, 1], [0], [0, 1], [0, 0.5f, 0.5f]), "L0H0");
        Assert.InRange(blocks.ToPlan([0]).ProbabilityError, 0, 1e-7);
    }

    [Fact]
    public void A_pattern_that_is_not_the_softmax_of_its_scores_is_said_to_differ()
    {
        var blocks = new VectorBlocks(2, null);
        blocks.Add(Head([0, 0], [1, 1], [1], [0.75f, 0.25f]), "L0H0");
        Assert.InRange(blocks.ToPlan([0]).ProbabilityError, 0.25, 0.26);
    }

    [Theory]
    [InlineData(null, new[] { 1f, 2 }, "Head L0H0 has no queries and keys, which lines show: set Vectors in "
        + "AttentionOptions, or choose the mode small or large.")]
    [InlineData(new[] { 1f, 2, 3 }, new[] { 1f, 2 }, "Head L0H0 has 3 numbers in its queries and 2 in its keys for 2 "
        + "tokens, expected equally many for each token.")]
    [InlineData(new[] { 1f, float.NaN }, new[] { 1f, 2 }, "Head L0H0 has a query or key that is not a finite number.")]
    public void Vectors_that_do_not_fit_are_refused(float[]? queries, float[] keys, string message)
    {
        var head = new HeadAttention(new(0, 0), 2, (_, _) => { })
        {
            Queries = queries is null ? null : [.. queries],
            Keys = [.. keys],
        };
        Assert.Equal(message, Assert.Throws<ArgumentException>(
            () => new VectorBlocks(2, null).Add(head, "L0H0")).Message);
    }

    [Fact]
    public void Heads_have_vectors_of_one_length()
    {
        var blocks = new VectorBlocks(1, null);
        blocks.Add(Head([1], [1], [1]), "L0H0");
        Assert.Equal(
            "Head L0H1 has 2 numbers in its queries and 2 in its keys for 1 token, expected 1 for each token.",
            Assert.Throws<ArgumentException>(() => blocks.Add(Head([1, 2], [1, 2], [1]), "L0H1")).Message);
    }

    [Fact]
    public void Lines_of_two_prompts_are_refused()
    {
        var builder = new AttentionPageBuilder(new() { Mode = AttentionMode.Lines });
        builder.BeginPrompt([new(0, "a", [])]);
        Assert.Equal(
            "Lines show one prompt, but there are several; choose the mode small or large.",
            Assert.Throws<ArgumentException>(() => builder.BeginPrompt([new(0, "a", [])])).Message);
    }

    [Fact]
    public void A_page_has_the_vectors_and_their_script_only_in_the_mode_that_shows_them()
    {
        var (lines, small) = (Page(AttentionMode.Lines), Page(AttentionMode.Small));
        Assert.Contains("id=\"query-0\"", lines, StringComparison.Ordinal);
        Assert.Contains("data-set=\"view\"", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"query-0\"", small, StringComparison.Ordinal);
        Assert.DoesNotContain("lines-area", small, StringComparison.Ordinal);
        var plan = JsonNode.Parse(lines.Split("id=\"data\">")[1].Split("</script>")[0])!;
        Assert.Equal("lines", (string?)plan["initial"]!["mode"]);
        Assert.Equal(1, (int)plan["vectors"]!["size"]!);
    }

    [Theory]
    [InlineData("attention-lines.js", 10_000)]
    [InlineData("attention-lines.css", 3_500)]
    public void What_only_this_mode_has_is_small(string name, int most) =>
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(Asset.Join(name)), 1_000, most);

    static string Page(AttentionMode mode)
    {
        var builder = new AttentionPageBuilder(new() { Mode = mode });
        builder.BeginPrompt([new(0, "a", []), new(1, "b", [])]);
        builder.Add(Head([1, 2], [3, 1], Softmax(3), Softmax(6, 2)));
        return builder.ToPage().Html;
    }

    static float[] Softmax(params double[] scores)
    {
        var sum = scores.Sum(Math.Exp);
        return [.. scores.Select(score => (float)(Math.Exp(score) / sum))];
    }

    static HeadAttention Head(float[] queries, float[] keys, params float[][] rows) => new(
        new(0, 0), rows.Length, (first, written) =>
        {
            for (var i = 0; i < written.Length; i++)
                written[i] = rows[first + (i / rows.Length)].ElementAtOrDefault(i % rows.Length);
        })
    {
        Queries = [.. queries],
        Keys = [.. keys],
    };
}
