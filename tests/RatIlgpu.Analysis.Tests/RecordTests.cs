using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class RecordTests
{
    public static TheoryData<Type> Records => [.. RecordEquality.RecordsOf(typeof(Recording).Assembly)];

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public void Two_records_with_equal_values_are_equal(Type record)
    {
        var (one, other) = RecordEquality.Twins(record);
        Assert.True(one.Equals(other), $"{record} with equal values differ: {one} and {other}");
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public void Records_that_differ_in_one_field_are_not_equal(Type record)
    {
        var (one, _) = RecordEquality.Twins(record);
        foreach (var (field, changed) in RecordEquality.Changes(record))
            Assert.False(one.Equals(changed), $"{record} with another {field} is equal.");
    }

    [Fact]
    public void A_swapped_pair_exchanges_clean_and_corrupted() =>
        Assert.Equal(new PromptPair([1, 5, 3], [1, 2, 3]), new PromptPair([1, 2, 3], [1, 5, 3]).Swapped());

    [Fact]
    public void Pairs_of_the_same_prompts_are_equal() =>
        Assert.Equal(new PromptPair([1, 2, 3], [1, 5, 3]), new PromptPair([1, 2, 3], [1, 5, 3]));
}
