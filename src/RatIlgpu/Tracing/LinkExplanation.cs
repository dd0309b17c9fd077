namespace RatIlgpu.Tracing;

/// <summary>Why the traced head attends along a link: its score before the softmax, and the pairs of a part of the
/// query and a part of the key that add most to it.</summary>
/// <remarks>The pairs of all parts sum to the score. <c>TraceExplainer</c> of RatIlgpu.Analysis makes
/// it.</remarks>
public sealed record LinkExplanation
{
    /// <summary>The most pairs that are kept of a link.</summary>
    public const int MostPairs = 5;

    /// <summary>Gets the earlier position (the key), from 0.</summary>
    public required int Source { get; init; }

    /// <summary>Gets the later position (the query), from 0.</summary>
    public required int Target { get; init; }

    /// <summary>Gets the score, <c>q·k / sqrt(headSize)</c>.</summary>
    public required double Score { get; init; }

    /// <summary>Gets the attention that the head pays to the key, in [0, 1], whatever the links of the trace count;
    /// where a file has attention of half precision, rounded sums reach 1 + 1/128.</summary>
    public required double Attention { get; init; }

    /// <summary>Gets what the biases and the mean of all token embeddings add to the score: it depends on positions
    /// alone, and not on tokens. Only the pair of biases can be one of <see cref="Pairs"/>.</summary>
    public required double PositionAlone { get; init; }

    /// <summary>Gets the pairs of the largest magnitude, at most <see cref="MostPairs"/>, the largest first.</summary>
    public required ValueArray<LinkPair> Pairs { get; init; }

    /// <summary>Gets what all other pairs add to the score, and what rounding does.</summary>
    public double Rest => Score - Pairs.Sum(pair => pair.Value);
}

/// <summary>What a part of a query and a part of a key add to an attention score.</summary>
/// <param name="Query">The part of the query: <c>embed</c>, a head such as <c>L1H0</c>, an MLP such as
/// <c>1_mlp_out</c>, or <c>bias</c>.</param>
/// <param name="Key">The part of the key.</param>
/// <param name="Value">What the pair adds.</param>
public sealed record LinkPair(string Query, string Key, double Value);
