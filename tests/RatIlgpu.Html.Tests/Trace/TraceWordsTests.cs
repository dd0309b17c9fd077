using RatIlgpu.Devices;

namespace RatIlgpu.Html.Tests.Trace;

public sealed class TraceWordsTests
{
    [Theory]
    [InlineData("mean", "mean of all 14")]
    [InlineData("max", "max of all 14")]
    [InlineData("3", "head 3 of 14")]
    [InlineData("mean:0,2,5", "mean of 0, 2, 5")]
    [InlineData("max:1,2", "max of 1, 2")]
    public void Says_which_heads_were_looked_at(string heads, string said) =>
        Assert.Equal(said, TraceWords.Heads(HeadAggregation.Parse(heads), 14));
}
