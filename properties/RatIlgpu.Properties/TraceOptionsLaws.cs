namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(TraceOptionsLaws)])]
public sealed class TraceOptionsLaws
{
    internal static Arbitrary<int[]> HeadSets { get; } = Arb.From(
        Gen.Choose(0, 40).NonEmptyListOf().Select(heads => heads.ToArray()),
        heads => heads.Length > 1 ? [heads[1..], heads[..^1]] : heads[0] > 0 ? [[heads[0] / 2]] : []);

    [Law]
    public void A_printed_head_aggregation_reads_back(int[] heads)
    {
        foreach (var aggregation in new[] { HeadAggregation.MeanOf(heads), HeadAggregation.MaxOf(heads) })
            Assert.Equal(aggregation, HeadAggregation.Parse(aggregation.ToString()));
    }

    [Law]
    public void Heads_are_each_once_and_ascending(int[] heads) =>
        Assert.Equal(heads.Distinct().Order(), HeadAggregation.MeanOf(heads).Of(41));

    internal static Arbitrary<double> Exponents { get; } = Arb.From(
        Gen.OneOf(
            Gen.Elements(0, 0.5, 1, -30, 30, 0.7, double.Epsilon, -0.0),
            Gen.Choose(int.MinValue, int.MaxValue).Select(number => 30.0 * number / int.MaxValue)),
        exponent => exponent == Math.Truncate(exponent) ? [] : [Math.Truncate(exponent), Math.Round(exponent, 2)]);

    [Law]
    public void A_printed_length_normalization_reads_back(double exponent) =>
        Assert.Equal(new(exponent), LengthNormalization.Parse(new LengthNormalization(exponent).ToString()));

    [Law]
    public void A_score_of_any_length_is_finite(double exponent) =>
        Assert.All([1, 2, 32768, int.MaxValue], edges =>
            Assert.True(double.IsFinite(new LengthNormalization(exponent).Apply(edges * Math.Log(1e-12), edges))));

    [Law]
    public void Paths_of_one_length_keep_their_order(double exponent) =>
        Assert.All([1, 2, 32768], edges =>
        {
            var normalization = new LengthNormalization(exponent);
            Assert.True(normalization.Apply(-2, edges) < normalization.Apply(-1, edges));
        });

    [Law]
    public void A_path_without_steps_keeps_its_score(double exponent) =>
        Assert.Equal(0, new LengthNormalization(exponent).Apply(0, 0));
}
