namespace RatIlgpu.Analysis;

/// <summary>Draws sets of heads to compare a set with: as many heads, of the same layers where these have enough, else
/// of the nearest layers, since what a head's loss costs depends on how much comes after it.</summary>
/// <param name="config">The model.</param>
/// <param name="seed">The seed.</param>
sealed class RandomHeadSets(Qwen2Config config, int seed)
{
    /// <summary>The sets that are drawn.</summary>
    public const int Draws = 10;

    // With fewer heads of a layer, or fewer sets, other layers are taken.
    const int Least = 5;

    const int MostTries = 100;

    /// <summary>Returns the sets, each once. Sets with as many heads in each layer get the same ones. There are fewer
    /// than 10 if no other sets exist, and none if the model has too few other heads.</summary>
    /// <param name="heads">The heads of the set.</param>
    /// <param name="candidates">The heads to draw from.</param>
    public (ImmutableArray<ValueArray<HeadIndex>> Sets, bool IsSameLayer) Of(
        ValueArray<HeadIndex> heads, ImmutableArray<HeadIndex> candidates)
    {
        var counts = heads.CountBy(head => head.Layer).OrderBy(count => count.Key).ToArray();
        var byLayer = candidates.ToLookup(head => head.Layer);
        var name = NameOf(counts);
        if (counts.All(count => byLayer[count.Key].Count() >= Least))
        {
            ImmutableArray<(ImmutableArray<HeadIndex>, int)> parts =
                [.. counts.Select(count => (byLayer[count.Key].ToImmutableArray(), count.Value))];
            var sets = counts.Aggregate(
                1.0, (product, count) => product * Choices(byLayer[count.Key].Count(), count.Value));
            if (sets >= Least)
                return (Draw(parts, sets, name), true);
        }

        for (var distance = 1; distance < config.LayerCount; distance++)
        {
            ImmutableArray<HeadIndex> near =
            [
                .. candidates.Where(head => counts.Any(count => Math.Abs(count.Key - head.Layer) <= distance)),
            ];
            if (Choices(near.Length, heads.Length) is >= Least and var sets)
                return (Draw([(near, heads.Length)], sets, name), false);
        }

        return ([], false);
    }

    ImmutableArray<ValueArray<HeadIndex>> Draw(
        ImmutableArray<(ImmutableArray<HeadIndex> Heads, int Count)> parts, double sets, string name)
    {
        var (found, most) = (new List<ValueArray<HeadIndex>>(), (int)Math.Min(Draws, sets));
        // Few sets, of which nearly all are drawn, need many draws.
        for (var tries = 0; found.Count < most && tries < MostTries * most; tries++)
        {
            var random = new SeededRandom(seed, name, tries);
            ValueArray<HeadIndex> drawn =
                [.. parts.SelectMany(part => random.Draw(part.Heads, part.Count)).Order()];
            if (!found.Contains(drawn))
                found.Add(drawn);
        }

        return [.. found];
    }

    string NameOf(KeyValuePair<int, int>[] counts) => string.Create(
        CultureInfo.InvariantCulture,
        $"random heads {string.Join(' ', counts.Select(one => $"{one.Key}:{one.Value}"))}");

    static double Choices(int from, int count)
    {
        var choices = from < count ? 0.0 : 1.0;
        for (var i = 0; i < count; i++)
            choices = choices * (from - i) / (i + 1);
        return Math.Round(choices);
    }
}
