using System.Reflection;

namespace RatIlgpu.Package.Tests;

public sealed class RecordTests
{
    public static TheoryData<Type> Records =>
        [.. PackedFeed.Names.SelectMany(name => RecordEquality.RecordsOf(Assembly.Load(name)))];

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
}
