using RatIlgpu.Devices;

namespace RatIlgpu.Html.Tests.Trace;

public sealed class TraceWordsTests
{
    [Theory]
    [InlineData("mean", 14, "mean of all 14")]
    [InlineData("max", 14, "max of all 14")]
    [InlineData("3", 14, "head 3 of 14")]
    [InlineData("mean:0,2,5", 14, "mean of 0, 2, 5")]
    [InlineData("max:1,2", 14, "max of 1, 2")]
    [InlineData("mean", 0, "mean of all")]
    [InlineData("3", 0, "head 3")]
    public void Says_which_heads_were_traced(string heads, int count, string said) =>
        Assert.Equal(said, TraceWords.Heads(HeadAggregation.Parse(heads), count));

    [Fact]
    public void Names_the_minimum_attention_only_where_there_is_one()
    {
        var trace = SampleTrace.FivePaths();
        var limited = trace with { Options = trace.Options with { MinAttention = 0.125 } };
        Assert.Equal([.. TraceWords.Facts(trace), ("Min attention", "0.125")], TraceWords.Facts(limited));
    }

    [Fact]
    public void A_model_of_unknown_depth_has_only_the_layer_traced() => Assert.Contains(
        ("Layer", "23"), TraceWords.Facts(SampleTrace.FivePaths() with { Model = new("x", 0, 0) }));
}
