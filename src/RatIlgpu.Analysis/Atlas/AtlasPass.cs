namespace RatIlgpu.Analysis;

/// <summary>The sequences on which a score of heads is measured.</summary>
public enum AtlasPass
{
    /// <summary>Documents, cut to sequences of equal length at most.</summary>
    Text,

    /// <summary>Distinct random tokens, then the same tokens again.</summary>
    Repeats,

    /// <summary>Runs of ordered words, the same words in another order, and other words in their places.</summary>
    Successors,

    /// <summary>Sentences in which one of two names comes a second time, and the same with a third name in its
    /// place.</summary>
    IndirectObject,

    /// <summary>None: the score is computed from weights.</summary>
    Weights,
}
