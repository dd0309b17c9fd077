namespace RatIlgpu.Analysis;

/// <summary>Makes the heads of an atlas from its sums.</summary>
static class AtlasHeads
{
    /// <summary>Gets the definitions of all scores, in the order of a report.</summary>
    public static ImmutableArray<HeadScoreDefinition> Definitions(Qwen2Config config) =>
    [
        .. AtlasLayouts.Passes.SelectMany(pass => (IEnumerable<HeadScoreDefinition>)
            [.. AtlasLayouts.Of(pass, config).Scores, .. pass == AtlasPass.Text ? DerivedScores.All : []]),
        .. WeightScores.All,
    ];

    /// <summary>Returns all heads with their scores and roles.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="config">The model.</param>
    /// <param name="profile">The rules.</param>
    /// <param name="weights">The scores of weights of each head; empty where they were not computed.</param>
    public static ImmutableArray<AtlasHead> Of(
        AtlasSums sums,
        Qwen2Config config,
        ScoreProfile profile,
        IReadOnlyDictionary<HeadIndex, ImmutableSortedDictionary<string, HeadScore>> weights)
    {
        PassStatistics[] passes = [.. AtlasLayouts.Passes.Select(pass => new PassStatistics(sums[pass], config))];
        ImmutableArray<AtlasHead> heads =
        [
            .. from layer in Enumerable.Range(0, config.LayerCount)
               from number in Enumerable.Range(0, config.HeadCount)
               select Of(new(layer, number)),
        ];
        return RoleRules.Label(heads, profile);

        AtlasHead Of(HeadIndex head)
        {
            var scores = weights.GetValueOrDefault(head, ImmutableSortedDictionary<string, HeadScore>.Empty)
                .ToBuilder();
            foreach (var pass in passes)
                scores.AddRange(pass.ScoresOf(head));
            var text = passes[0];
            var peak = text.PeakOf(head);
            foreach (var (definition, score) in DerivedScores.Of(text, head, profile, scores, peak))
                scores[definition.Id] = score;
            return new(head, head.Head / config.GroupSize)
            {
                Scores = scores.ToImmutable(),
                Profile = text.ProfileOf(head),
                PeakOffset = peak?.Offset,
            };
        }
    }
}
