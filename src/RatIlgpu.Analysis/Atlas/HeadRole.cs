namespace RatIlgpu.Analysis;

/// <summary>What a head does, by its scores.</summary>
public enum HeadRole
{
    /// <summary>Attends to the token before the query, on text and on random tokens.</summary>
    PreviousToken,

    /// <summary>Attends to the token after an earlier copy of the query's token.</summary>
    Induction,

    /// <summary>Attends to earlier copies of the query's token.</summary>
    DuplicateToken,

    /// <summary>Attends to a fixed distance of two or more.</summary>
    Positional,

    /// <summary>Attends to the first token.</summary>
    FirstToken,

    /// <summary>Attends to punctuation and line ends.</summary>
    Delimiter,

    /// <summary>Attends to the predecessor of an element of an ordered family, or writes the next one.</summary>
    Successor,

    /// <summary>Attends, where a name is due, to the name that came twice, and takes it back.</summary>
    SInhibition,

    /// <summary>Attends to a token and lowers its logit.</summary>
    Suppressor,
}
