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
            var found = AttentionComparison.Run(
                model, [new([.. ids], t), new([.. ids.Reverse()], t)],
                new()
                {
                    Heads = [new(random.Next(config.LayerCount), random.Next(config.HeadCount))],
                    Part = random.Next(2) == 0 ? AblatedPart.Head : AblatedPart.Value,
                    Kinds = [AblationKind.Zero, AblationKind.Mean, AblationKind.Resample],
                    Everywhere = random.Next(2) == 0,
                },
                random.Next(config.LayerCount), most: t);
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
            }
        });
}
