using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>Attention by distance is a distribution, whatever is taken away.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class DistanceLaws
{
    // Of a row of single-precision probabilities.
    const double Rounding = 1e-5;

    const int Some = 60;

    [Law(Some)]
    public void Attention_to_all_distances_sums_to_1_and_a_difference_is_that_of_the_means(ModelCase some) =>
        some.Holds((_, model, ids) =>
        {
            var random = new Random(some.Seed);
            var config = model.Config;
            var t = random.Next(ids.Length);
            ImmutableArray<AblationSample> samples = [new([.. ids], t), new([.. ids.Reverse()], t)];
            var options = new AblationOptions
            {
                Heads = [new(random.Next(config.LayerCount), random.Next(config.HeadCount))],
                Part = random.Next(2) == 0 ? AblatedPart.Head : AblatedPart.Value,
                Kinds = [AblationKind.Zero, AblationKind.Mean, AblationKind.Resample],
                Everywhere = random.Next(2) == 0,
            };
            var found = AttentionComparison.Run(model, samples, options, random.Next(config.LayerCount), most: t);
            ImmutableArray<AttentionComparison> single =
            [
                .. samples.Select(sample => AttentionComparison.Run(
                    model, [sample], options with { Kinds = [AblationKind.Zero] }, found.Layer, most: t)),
            ];
            foreach (var head in found.Heads)
            {
                Assert.Equal(1, head.Before.Sum(number => number.Mean), Rounding);
                foreach (var changed in head.Conditions)
                {
                    Assert.Equal(1, changed.After.Sum(number => number.Mean), Rounding);
                    for (var distance = 0; distance <= t; distance++)
                        Assert.Equal(
                            changed.After[distance].Mean - head.Before[distance].Mean,
                            changed.Difference[distance].Mean, Rounding);
                }

                // Zeros need no other sample: each is compared by itself, and the differences are paired here.
                for (var distance = 0; distance <= t; distance++)
                {
                    double[] paired = [.. single.Select(one => DifferenceIn(one, head.Head, distance))];
                    Assert.Equal(
                        Math.Abs(paired[0] - paired[1]) / Math.Sqrt(2),
                        head.Conditions[0].Difference[distance].Spread, Rounding);
                }
            }
        });

    static double DifferenceIn(AttentionComparison one, HeadIndex head, int distance)
    {
        var found = one.Heads.Single(of => of.Head == head);
        return found.Conditions[0].After[distance].Mean - found.Before[distance].Mean;
    }
}
