using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Refuses a comparison that contradicts itself, which a page could not show.</summary>
static class DiffCheck
{
    /// <summary>Checks a comparison.</summary>
    /// <exception cref="ArgumentException">It contradicts itself.</exception>
    public static void Check(CheckpointDiff diff)
    {
        var heads = (long)diff.LayerCount * diff.HeadCount;
        Need(
            diff is { LayerCount: > 0, HeadCount: > 0, KeyValueHeadCount: > 0 }
            && diff.HeadCount % diff.KeyValueHeadCount == 0,
            $"{diff.LayerCount} layers of {diff.HeadCount} heads that read {diff.KeyValueHeadCount}",
            "those of a model");
        foreach (var weight in diff.Weights)
        {
            Need(
                weight.Layer is not { } layer || (uint)layer < (uint)diff.LayerCount,
                $"the weight {weight.Name} of layer {weight.Layer}", $"one of {diff.LayerCount} layers");
            Need(
                weight.Heads.IsEmpty || diff.HeadCount % weight.Heads.Length == 0,
                $"{weight.Heads.Length} blocks of {weight.Name}",
                $"one for each of {diff.HeadCount} heads, or of groups");
        }

        if (diff.Texts is { } texts)
            Check(texts, diff, heads);
        if (diff.Scores is not { } scores)
            return;
        foreach (var head in scores.Changes.Select(change => change.Head)
            .Concat(scores.Roles.Select(role => role.Head)))
            Need(
                (uint)head.Layer < (uint)diff.LayerCount && (uint)head.Head < (uint)diff.HeadCount,
                $"a score of {head}", "one of a head that the models have");
    }

    static void Check(TextDivergence texts, CheckpointDiff diff, long heads)
    {
        Need(texts.Heads.Length == heads, $"the attention of {texts.Heads.Length} heads", $"that of {heads}");
        Need(
            texts.Cosines.Length == diff.LayerCount, $"cosines of {texts.Cosines.Length} layers",
            $"those of {diff.LayerCount}");
        foreach (var text in texts.Texts)
            Need(
                text.Kl.IsEmpty || text.Kl.Length == text.Tokens.Length,
                $"{text.Kl.Length} divergences of {text.Tokens.Length} tokens", "one for each");
        foreach (var one in texts.Predictions)
            Need(
                (uint)one.Text < (uint)texts.Texts.Length
                && (uint)one.Position < (uint)texts.Texts[one.Text].Tokens.Length,
                $"a prediction at position {one.Position} of text {one.Text}", "one of a position that is there");
    }

    static void Need(bool holds, FormattableString found, string expected)
    {
        if (!holds)
            throw new ArgumentException(
                $"The comparison has {FormattableString.Invariant(found)}, expected {expected}.");
    }
}
