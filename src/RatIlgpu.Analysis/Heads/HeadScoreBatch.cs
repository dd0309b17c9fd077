using Scores = System.Collections.Immutable.ImmutableSortedDictionary<RatIlgpu.HeadIndex, double>;

namespace RatIlgpu.Analysis;

/// <summary>The scores of heads in several prompts, and mean and spread over them.</summary>
public sealed class HeadScoreBatch
{
    internal HeadScoreBatch(
        HeadPatternKind kind,
        HeadPatternOptions options,
        IReadOnlyList<AnalysisPrompt> prompts,
        ImmutableArray<Scores> scores)
    {
        (Kind, Options, Scores) = (kind, options, scores);
        Prompts = [.. prompts.Select(prompt => prompt.TokenIds)];
        AttentionMasks = [.. prompts.Select(prompt => prompt.AttentionMask ?? prompt.Run?.AttentionMask)];
    }

    /// <summary>Gets the kind of head.</summary>
    public HeadPatternKind Kind { get; }

    /// <summary>Gets the options.</summary>
    public HeadPatternOptions Options { get; }

    /// <summary>Gets the prompts, <c>[tokens]</c> each.</summary>
    public ImmutableArray<ValueArray<int>> Prompts { get; }

    /// <summary>Gets the attention mask of each prompt, <c>[tokens]</c>: 1 for a token, 0 for padding; null if there
    /// was no padding.</summary>
    public ImmutableArray<ValueArray<int>?> AttentionMasks { get; }

    /// <summary>Gets the scores of each prompt, which equal those of the prompt alone.</summary>
    public ImmutableArray<Scores> Scores { get; }

    /// <summary>Gets mean and spread of each head; prompts in which no query is scored are left out.</summary>
    public ImmutableSortedDictionary<HeadIndex, MeanAndSpread> Mean => field ??=
        Scores[0].Keys.ToImmutableSortedDictionary(head => head, head => Over(Scores, head));

    /// <summary>Returns mean and spread of a head.</summary>
    internal static MeanAndSpread Over(IEnumerable<Scores> scores, HeadIndex head) => MeanAndSpread.Of(
        scores.Select(one => double.IsNaN(one[head]) ? null : (double?)one[head]));
}
