using RatIlgpu.Interventions;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>An intervention on the device does what the same function of this process does to each row.</summary>
public sealed class HostEditTests : IDisposable
{
    // Rotated back and forth: a few roundings of F32, which the layers after it carry on.
    const double Rounding = 2e-5;

    readonly InterventionBench bench;
    readonly int[] ids;
    readonly Recording other;

    public HostEditTests()
    {
        // Keys are rotated and stretched: the inverse must shorten them.
        bench = new(TinyQwen2.Small with
        {
            RopeScaling = new()
            {
                Kind = RopeScalingKind.Yarn,
                Factor = 4,
                OriginalPositions = 64,
                AttentionFactor = 1.3,
            },
        });
        ids = bench.Prompt(6);
        other = bench.Record(bench.Prompt(6, seed: 8));
    }

    public void Dispose() => bench.Dispose();

    [Fact]
    public void On_the_cpu_to_the_bit_unless_keys_are_rotated_back_and_forth()
    {
        foreach (var scope in Enum.GetValues<KeyValueScope>())
            foreach (var site in InterventionBench.Sites)
                foreach (var (heads, positions) in ((ImmutableArray<int>?, ImmutableArray<int>?)[])
                    [(null, null), ([1], [2, 4]), ([0, 1], [5]), ([0], null)])
                {
                    var hasHeads = ActivationAxes.HasHeads(site.Activation);
                    var target = bench.At(site.Activation, site.Layer, hasHeads ? heads : null, positions, scope);
                    foreach (var kind in TriedChange.All.Where(one => one.Fits(site.Activation) && one.Name != "edit"))
                        Same(
                            bench.Logits(ids, Intervention.Edit(target, OnHost(kind.Name, target))),
                            bench.Logits(ids, kind.Make(target, other)),
                            // A stored key is rotated once either way.
                            isExact: !target.IsRotated || kind.Name is "replace" or "mean",
                            $"{kind.Name} {target}, {scope}");
                }
    }

    [Fact]
    public void Where_only_some_positions_and_heads_are_recorded()
    {
        var part = new Recorder(bench.Model).Record(
            bench.Prompt(6, seed: 8),
            [new(Activation.Key) { Positions = [1, 4], Heads = [1] }, new(Activation.Pattern) { Positions = [3] }]);
        var key = bench.At(Activation.Key, 1, [3, 5], scope: KeyValueScope.QueryHead);
        // The edit rotates back and forth the keys that it leaves as they are.
        Same(
            bench.Logits(ids, Intervention.Edit(key, (position, _, row) =>
            {
                if (position is 1 or 4)
                    part[key.Site].Row(position, 1).CopyTo(row);
            })),
            bench.Logits(ids, Intervention.Replace(key, part)), isExact: false, "keys");
        var pattern = bench.At(Activation.Pattern, 1, [2, 4]);
        Same(
            bench.Logits(ids, Intervention.Edit(pattern, (position, head, row) =>
            {
                if (position == 3)
                    part[pattern.Site].Row(3, head).CopyTo(row);
            })),
            bench.Logits(ids, Intervention.Replace(pattern, part)), isExact: true, "patterns");
    }

    ActivationEdit OnHost(string kind, InterventionTarget target)
    {
        var recorded = other[target.Site];
        // The rows that the kind leaves are worked out by hand in TriedChange.
        var tried = TriedChange.All.Single(one => one.Name == kind);
        var group = target.ChangedSite == target.Site ? 1 : bench.Model.Config.GroupSize;
        return (position, head, row) => tried.Left(
            row.ToArray(), position, head, [.. recorded.Positions.Select(at => Row(at, head / group))]).CopyTo(row);

        float[] Row(int position, int head) =>
            [.. recorded.Heads.IsEmpty ? recorded.Row(position) : recorded.Row(position, head)];
    }

    static void Same(float[] expected, float[] found, bool isExact, string what)
    {
        if (isExact)
        {
            Assert.True(expected.AsSpan().SequenceEqual(found), what);
            return;
        }

        var bound = Rounding * expected.Max(Math.Abs);
        Assert.Equal(expected.Length, found.Length);
        // Not by the largest difference: Max leaves NaN out.
        Assert.All(expected.Zip(found), pair => Assert.True(
            Math.Abs(pair.First - pair.Second) <= bound, $"{what}: {pair.Second}, expected {pair.First}."));
    }
}
