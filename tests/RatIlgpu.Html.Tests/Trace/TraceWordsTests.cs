using RatIlgpu.Devices;

namespace RatIlgpu.Html.Tests.Trace;

public sealed class TraceWordsTests
{
    [Theory]
    [InlineData(0, "0.0000")]
    [InlineData(1.5, "+1.5000")]
    [InlineData(-0.00006, "-0.0001")]
    [InlineData(0.000012, "+1.2e-5")]
    [InlineData(-0.000012, "-1.2e-5")]
    public void A_small_number_with_a_sign_keeps_its_digits(double value, string shown) =>
        Assert.Equal(shown, TraceWords.Signed(value));

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
    public void Names_the_weights_only_where_they_are_not_the_standard_ones()
    {
        var trace = SampleTrace.FivePaths();
        Assert.DoesNotContain("Weights", TraceWords.Facts(trace).ToDictionary().Keys);
        foreach (var weights in Enum.GetValues<AttentionWeights>().Skip(1))
        {
            var facts = TraceWords.Facts(
                trace with { Options = trace.Options with { Weights = weights } }).ToDictionary();
            Assert.StartsWith(
                $"{AttentionPlan.NameOf(weights)}: ", facts["Weights"], StringComparison.Ordinal);
            Assert.StartsWith(
                weights == AttentionWeights.Contribution ? "sum of all" : "mean of all", facts["Heads"],
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tells_the_likeliest_next_tokens_interventions_and_what_was_generated()
    {
        var facts = TraceWords.Facts(SampleTrace.Told(SampleTrace.FivePaths(), 2, " Mary", 0.75)).ToDictionary();
        Assert.Equal("\u2068·Mary\u2069 75.0 %, \u2068·a\u2069 18.8 %", facts["Predicts"]);
        Assert.Equal("\u2068L1H0 = 0\u2069", facts["Changed"]);
        Assert.Equal("20, the last 3 generated", facts["Tokens"]);
    }

    [Theory]
    [InlineData(1, "100.0 %")]
    [InlineData(0.3057, "30.6 %")]
    [InlineData(0, "0.0 %")]
    [InlineData(0.0005, "0.1 %")]
    [InlineData(0.000149, "0.015 %")]
    public void A_small_share_is_not_nothing(double part, string shown) =>
        Assert.Equal(shown, TraceWords.Percent(part));

    [Fact]
    public void Of_many_predictions_and_interventions_the_first_are_told()
    {
        var facts = TraceWords.Facts(SampleTrace.FivePaths() with
        {
            Predictions = [.. Enumerable.Range(0, 9).Select(i => new PredictedToken(new(i, $"t{i}", []), 0.1, 0))],
            Interventions = [.. Enumerable.Range(0, 11).Select(i => $"i{i}")],
        }).ToDictionary();
        Assert.EndsWith("t4\u2069 10.0 %, …", facts["Predicts"], StringComparison.Ordinal);
        Assert.EndsWith("i7\u2069 and 3 more", facts["Changed"], StringComparison.Ordinal);
    }

    [Fact]
    public void What_made_a_trace_is_told_as_far_as_it_is_known()
    {
        var trace = SampleTrace.FivePaths();
        Assert.Null(TraceWords.Origin(trace));
        Assert.Null(TraceWords.Origin(trace with { Origin = new() { Title = "Only a title" } }));
        Assert.Equal(
            ("RatIlgpu", "ratilgpu trace a"),
            TraceWords.Origin(trace with { Origin = new() { Command = "ratilgpu trace a" } }));
        Assert.Equal(("RatIlgpu 2", ""), TraceWords.Origin(trace with { Origin = new() { Version = "2" } }));
    }

    [Fact]
    public void A_model_of_unknown_depth_has_only_the_layer_traced() => Assert.Contains(
        ("Layer", "23"), TraceWords.Facts(SampleTrace.FivePaths() with { Model = new("x", 0, 0) }));
}
