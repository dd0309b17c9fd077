using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class RandomHeadSetsTests
{
    static readonly Qwen2Config Config = TinyQwen2.Small with { LayerCount = 4, HeadCount = 8 };

    static readonly ImmutableArray<HeadIndex> All =
        [.. from layer in Enumerable.Range(0, 4) from head in Enumerable.Range(0, 8) select new HeadIndex(layer, head)];

    [Fact]
    public void Sets_have_as_many_heads_in_each_layer()
    {
        ValueArray<HeadIndex> heads = [new(1, 0), new(1, 1), new(3, 2)];
        var (sets, isSame) = new RandomHeadSets(Config, 0).Of(heads, [.. All.Except(heads)]);
        Assert.True(isSame);
        Assert.Equal(10, sets.Distinct().Count());
        Assert.All(sets, set => Assert.Equal([1, 1, 3], set.Select(head => head.Layer)));
        Assert.All(sets, set => Assert.Empty(set.Intersect(heads)));
    }

    [Fact]
    public void A_layer_with_fewer_than_five_other_heads_takes_those_of_the_nearest_layers()
    {
        ImmutableArray<HeadIndex> role = [.. All.Where(head => head.Layer == 3 && head.Head < 4)];
        var (sets, isSame) = new RandomHeadSets(Config, 0).Of([role[0]], [.. All.Except(role)]);
        Assert.False(isSame);
        Assert.Equal(10, sets.Length);
        Assert.All(sets, set => Assert.InRange(set[0].Layer, 2, 3));
    }

    [Fact]
    public void All_sets_are_taken_where_there_are_fewer_than_ten()
    {
        ImmutableArray<HeadIndex> role = [new(2, 0), new(2, 1), new(2, 2)];
        var (sets, isSame) = new RandomHeadSets(Config, 0).Of([role[0]], [.. All.Except(role)]);
        Assert.True(isSame);
        Assert.Equal(Enumerable.Range(3, 5), sets.Select(set => set[0].Head).Order());
        Assert.Equal(sets, new RandomHeadSets(Config, 0).Of([role[2]], [.. All.Except(role)]).Sets);
    }

    [Fact]
    public void There_is_no_set_where_nearly_all_heads_have_the_role() =>
        Assert.Empty(new RandomHeadSets(Config, 0).Of([All[0]], [.. All.Skip(28)]).Sets);
}
