namespace RatIlgpu.Properties;

/// <content>The cases of laws.</content>
public sealed partial record Damage
{
    /// <summary>Gets cases of one to four changes; a smaller case has fewer changes or smaller numbers.</summary>
    public static Arbitrary<Damage> Cases { get; } = Arb.From(
        Gen.Choose(1, 4).SelectMany(count => OneChange.ListOf(count)).Select(changes => new Damage([.. changes])),
        Smaller);

    static Gen<(int, int, int)> OneChange =>
        Gen.Choose(0, 6).SelectMany(kind => Gen.Choose(0, 1 << 20).SelectMany(where =>
            Gen.Choose(0, 1 << 20).Select(what => (kind, where, what))));

    static IEnumerable<Damage> Smaller(Damage damage)
    {
        for (var i = 0; i < damage.Changes.Count; i++)
        {
            var (kind, where, what) = damage.Changes[i];
            if (damage.Changes.Count > 1)
                yield return new Damage([.. damage.Changes.Where((_, index) => index != i)]);
            if (where > 0)
                yield return Instead(i, (kind, where / 2, what));
            if (what > 0)
                yield return Instead(i, (kind, where, what / 2));
        }

        Damage Instead(int i, (int, int, int) change) =>
            new([.. damage.Changes.Take(i), change, .. damage.Changes.Skip(i + 1)]);
    }
}
