namespace RatIlgpu.Analysis.Tests;

public sealed class SeededRandomTests
{
    [Fact]
    public void The_same_start_gives_the_same_numbers_and_any_other_start_others()
    {
        ulong[] first = [.. new[] { (1, "a", 2), (1, "a", 2), (2, "a", 1), (1, "b", 2), (1, "a", 3), (-1, "a", 2) }
            .Select(start => new SeededRandom(start.Item1, start.Item2, start.Item3).Next())];
        Assert.Equal(first[0], first[1]);
        Assert.Equal(5, first.Distinct().Count());
    }

    [Fact]
    public void Numbers_stay_the_same_from_version_to_version()
    {
        var random = new SeededRandom(0, "repeated", 0);
        ulong[] expected = [0xC33C316DDAAF4C77, 0x681E5AAB88AE2B86, 0xD032245FE223E4F7];
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(_ => random.Next()));
    }

    [Fact]
    public void A_draw_of_all_items_has_each_once()
    {
        ImmutableArray<int> items = [.. Enumerable.Range(0, 50)];
        var drawn = new SeededRandom(3, "", 0).Draw(items, 50);
        Assert.Equal(items, drawn.Order());
        Assert.NotEqual(items, drawn);
    }

    // With 6000 draws, the count of one has a standard deviation of 29.
    [Fact]
    public void Each_item_is_drawn_about_equally_often_at_each_place()
    {
        ImmutableArray<char> items = ['a', 'b', 'c', 'd', 'e', 'f'];
        var draws = Enumerable.Range(0, 6000).Select(number => new SeededRandom(0, "", number).Draw(items, 3)).ToList();
        Assert.All(Enumerable.Range(0, 3), place => Assert.All(items, item =>
            Assert.InRange(draws.Count(drawn => drawn[place] == item), 850, 1150)));
    }

    [Fact]
    public void A_number_lies_between_its_bounds_and_reaches_both()
    {
        var random = new SeededRandom(0, "", 0);
        int[] numbers = [.. Enumerable.Range(0, 200).Select(_ => random.Between(-1, 2)).Distinct().Order()];
        Assert.Equal([-1, 0, 1, 2], numbers);
    }
}
