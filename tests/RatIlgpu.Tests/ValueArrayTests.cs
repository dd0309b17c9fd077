namespace RatIlgpu.Tests;

public sealed class ValueArrayTests
{
    [Fact]
    public void Arrays_with_equal_elements_are_equal()
    {
        ValueArray<int> one = [1, 2, 3], other = [1, 2, 3], longer = [1, 2, 3, 4];
        Assert.True(one == other && one.Equals((object)other) && one != longer);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.Equal("[1, 2, 3]", one.ToString());
    }

    [Fact]
    public void The_default_is_empty()
    {
        Assert.True(default(ValueArray<int>).IsEmpty);
        Assert.True(default(ValueArray<int>) == []);
        Assert.Empty(default(ValueArray<int>));
        Assert.Empty(new ValueArray<int>(default(ImmutableArray<int>)).Items);
    }

    [Fact]
    public void Elements_are_reached_as_in_an_array()
    {
        ValueArray<string> words = ["a", "b", "c"];
        Assert.Equal("c", words[^1]);
        Assert.Equal(["b", "c"], words[1..]);
        Assert.Equal(["a", "b", "c"], (ReadOnlySpan<string>)words);
        Assert.Equal(3, ((IReadOnlyList<string>)words).Count);
    }
}
