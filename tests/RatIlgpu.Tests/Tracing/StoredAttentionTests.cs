using RatIlgpu.Devices;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class StoredAttentionTests
{
    [Theory]
    [InlineData("mean", new[] { 0.25f, 0.5f })]
    [InlineData("max", new[] { 0.5f, 0.75f })]
    [InlineData("1", new[] { 0.5f, 0.25f })]
    public void Rows_are_reduced_over_the_heads(string heads, float[] expected) =>
        Assert.Equal(expected, Attention(heads).Row(1).ToArray());

    [Fact]
    public void The_largest_of_negative_numbers_is_one_of_them()
    {
        var changed = new StoredAttention(1, 2, HeadAggregation.Max, (_, head, row) => row.Fill(head - 3));
        Assert.Equal([-2], changed.Row(0).ToArray());
    }

    [Fact]
    public void A_row_has_the_keys_up_to_the_query_and_comes_again_the_same()
    {
        var attention = Attention("mean");
        Assert.Equal(3, attention.Length);
        Assert.Equal(1, attention.Row(0).Length);
        attention.Row(2);
        Assert.Equal([0.25f, 0.5f], attention.Row(1).ToArray());
    }

    [Fact]
    public void What_is_no_attention_is_refused()
    {
        var damaged = new StoredAttention(2, 1, HeadAggregation.Mean, (_, _, row) => row.Fill(float.NaN));
        var error = Assert.Throws<ArithmeticException>(() => damaged.Row(1).Length);
        Assert.Equal("The attention is not a number: the recording or the weights are damaged.", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new StoredAttention(2, 1, HeadAggregation.Head(1), (_, _, _) => { }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new StoredAttention(0, 1, HeadAggregation.Mean, (_, _, _) => { }));
    }

    static StoredAttention Attention(string heads) => new(
        3, 2, HeadAggregation.Parse(heads), (position, head, row) =>
        {
            row.Clear();
            row[0] = head == 0 ? 0 : 0.5f;
            if (position > 0)
                row[1] = head == 0 ? 0.75f : 0.25f;
        });
}
