using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Devices;

namespace RatIlgpu.Properties;

public sealed class HeadAggregationLaws
{
    static readonly Arbitrary<int[]> HeadSets = Law.Cases(
        Gen.Choose(0, 40).NonEmptyListOf().Select(heads => heads.ToArray()),
        heads => heads.Length > 1 ? [heads[1..], heads[..^1]] : heads[0] > 0 ? [[heads[0] / 2]] : []);

    [Fact]
    public void What_is_printed_reads_back() => Law.Holds(HeadSets, heads =>
    {
        foreach (var aggregation in new[] { HeadAggregation.MeanOf(heads), HeadAggregation.MaxOf(heads) })
            Assert.Equal(aggregation, HeadAggregation.Parse(aggregation.ToString()));
    });

    [Fact]
    public void Heads_are_each_once_and_ascending() => Law.Holds(HeadSets, heads =>
        Assert.Equal(heads.Distinct().Order(), HeadAggregation.MeanOf(heads).Of(41)));
}
