namespace RatIlgpu.Analysis;

/// <summary>The scores that are computed from other sums than those of one set of cells.</summary>
static class DerivedScores
{
    /// <summary>How sharp the attention to the token before is.</summary>
    public static HeadScoreDefinition Sharpness { get; } = Of(
        "sharpness", "Sharpness",
        "The mean attention to the token before, less the larger of those to the token itself and to the one two back, "
        + "on text: low for a head that looks at the neighbourhood.");

    /// <summary>Attention to delimiters against their share.</summary>
    public static HeadScoreDefinition DelimiterRatio { get; } = Of(
        "delimiter-ratio", "Delimiters, ratio",
        "Attention to delimiters divided by its chance level: 1 for a head that attends to all keys alike.");

    /// <summary>What comes from the first token.</summary>
    public static HeadScoreDefinition SinkValue { get; } = Of(
        "sink-value", "First token, weighted by values",
        "The share of Σ A[q, k] |v[k] W_O| that comes from the first token, on text: low where much attention rests "
        + "on a token that writes little.");

    /// <summary>The entropy of the attention.</summary>
    public static HeadScoreDefinition Entropy { get; } = Of(
        "entropy", "Entropy", "The mean entropy of the attention of a query, on text.") with
    { Unit = "nats" };

    /// <summary>The entropy of the profile.</summary>
    public static HeadScoreDefinition ProfileEntropy { get; } = Of(
        "profile-entropy", "Entropy of distances",
        "The entropy of the offset profile, divided by its sum: low for a head with one distance.") with
    {
        Unit = "nats",
    };

    /// <summary>The width of the peak.</summary>
    public static HeadScoreDefinition HalfWidth { get; } = Of(
        "half-width", "Width of the peak",
        "How many distances around the peak of the offset profile, itself included, have at least half of its "
        + "attention.") with
    { Unit = "tokens" };

    /// <summary>How much distance alone decides.</summary>
    public static HeadScoreDefinition PositionShare { get; } = Of(
        "position-share", "Role of distance",
        "Σ (profile − chance)² over all distances: how far the profile is from that of uniform attention.");

    /// <summary>All of them.</summary>
    public static ImmutableArray<HeadScoreDefinition> All { get; } =
    [
        PositionalDetector.Offset, Sharpness, DelimiterRatio, SinkValue, Entropy, ProfileEntropy, HalfWidth,
        PositionShare,
    ];

    /// <summary>Returns the scores of a head; those that cannot be told are left out.</summary>
    /// <param name="text">The statistics of texts.</param>
    /// <param name="head">The head.</param>
    /// <param name="profile">The rules: those published first divide by the share of delimiters in the texts.</param>
    /// <param name="scores">The scores of attention of the head.</param>
    /// <param name="peak">The largest mean of its offset profile; null if there is none.</param>
    public static IEnumerable<(HeadScoreDefinition Definition, HeadScore Score)> Of(
        PassStatistics text,
        HeadIndex head,
        ScoreProfile profile,
        IReadOnlyDictionary<string, HeadScore> scores,
        (HeadScore Score, int Offset)? peak)
    {
        var offsets = text.ProfileOf(head);
        if (peak is var (most, offset))
        {
            yield return (PositionalDetector.Offset, most);
            yield return (HalfWidth, new(WidthOf(offsets, offset), most.Count));
        }

        if (offsets is [{ } self, { } previous, { } second, ..]
            && scores.TryGetValue(PreviousTokenDetector.OnText.Id, out var before))
            yield return (Sharpness, new(previous - Math.Max(self, second), before.Count));
        if (scores.TryGetValue(DelimiterDetector.Any.Id, out var delimiters) && delimiters.Chance > 0)
        {
            var baseline = profile == ScoreProfile.Robust ? delimiters.Chance.Value : text.DelimiterShare;
            yield return (DelimiterRatio, new(delimiters.Raw / baseline, delimiters.Count));
        }

        if (text.EntropyOf(head) is not var (mean, uniform, queries))
            yield break;
        yield return (Entropy, new(mean, queries) { Chance = uniform });
        if (text.FirstMassOf(head) is { } share)
            yield return (SinkValue, new(share, queries));
        var known = offsets.Zip(text.ChanceProfileOf(head)).Where(pair => pair.First is not null)
            .Select(pair => (Mean: pair.First!.Value, Chance: pair.Second!.Value)).ToArray();
        if (known.Sum(pair => pair.Mean) is not (> 0 and var sum))
            yield break;
        yield return (ProfileEntropy, new(
            -known.Where(pair => pair.Mean > 0).Sum(pair => pair.Mean / sum * Math.Log(pair.Mean / sum)), queries));
        yield return (PositionShare, new(
            known.Sum(pair => (pair.Mean - pair.Chance) * (pair.Mean - pair.Chance)), queries));
    }

    static int WidthOf(ImmutableArray<double?> profile, int peak)
    {
        var (first, last, half) = (peak, peak, profile[peak]!.Value / 2);
        while (first > 0 && profile[first - 1] >= half)
            first--;
        while (last + 1 < profile.Length && profile[last + 1] >= half)
            last++;
        return last - first + 1;
    }

    static HeadScoreDefinition Of(string id, string name, string meaning) =>
        new(id, name, meaning, AtlasPass.Text) { IsAttention = false };
}
