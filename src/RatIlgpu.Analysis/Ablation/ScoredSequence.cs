namespace RatIlgpu.Analysis;

/// <summary>A sequence, and the positions at which a behaviour is read from the logits.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Scored">The positions, ascending; at least one.</param>
sealed record ScoredSequence(ValueArray<int> Ids, ValueArray<ScoredPosition> Scored)
{
    /// <summary>Returns a sequence whose own tokens are due after some of its positions.</summary>
    /// <param name="ids">The tokens; those after the last one that is due are left out.</param>
    /// <param name="due">The positions of the tokens that are due, ascending, from 1.</param>
    public static ScoredSequence OfLoss(ReadOnlySpan<int> ids, IEnumerable<int> due)
    {
        int[] all = [.. ids];
        ImmutableArray<ScoredPosition> scored = [.. due.Select(place => new ScoredPosition(place - 1, all[place]))];
        return new([.. all[..(scored[^1].Position + 1)]], scored);
    }
}

/// <summary>A position at which a behaviour is read.</summary>
/// <param name="Position">The position.</param>
/// <param name="Token">The token that is due.</param>
/// <param name="Other">A token that is not; the number is then the difference of the logits of the two. Null for the
/// loss, <c>−log p(token)</c>.</param>
readonly record struct ScoredPosition(int Position, int Token, int? Other = null);

/// <summary>Heads whose outputs are taken away together.</summary>
/// <param name="Heads">The heads, ascending; none for the model as it is.</param>
/// <param name="Kind">How.</param>
readonly record struct AblatedHeads(ValueArray<HeadIndex> Heads, HeadAblation Kind);
