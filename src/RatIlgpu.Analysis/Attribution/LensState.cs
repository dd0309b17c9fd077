namespace RatIlgpu.Analysis;

/// <summary>The prediction of a state of the residual stream, read as if it were the final one.</summary>
/// <param name="State">The state: <see cref="ResidualTerm.StreamBefore"/>, <see cref="ResidualTerm.StreamMiddle"/> or
/// <see cref="ResidualTerm.FinalStream"/>.</param>
/// <param name="Position">The position, from 0.</param>
/// <param name="Top">The most probable tokens, the most probable first.</param>
/// <param name="Tokens">The requested tokens, in the requested order.</param>
public sealed record LensState(
    ResidualTerm State, int Position, ValueArray<LensToken> Top, ValueArray<LensToken> Tokens)
{
    /// <summary>Gets what the requested directions read in the state, in the requested order.</summary>
    public ValueArray<LensProjection> Projections { get; init; } = [];
}

/// <summary>What a direction reads in a state of the stream: <c>(g ⊙ x / σ) · v</c>, with the scale of the
/// state.</summary>
/// <param name="Direction">The direction.</param>
/// <param name="Value">The number.</param>
public readonly record struct LensProjection(StreamDirection Direction, double Value);

/// <summary>A token in the prediction of a state of the stream.</summary>
/// <param name="Id">The token.</param>
/// <param name="Rank">1 for the most probable; of equal logits, the token with the lower id comes first.</param>
/// <param name="Logit">Its logit.</param>
/// <param name="Probability">Its probability, in [0, 1].</param>
public readonly record struct LensToken(int Id, int Rank, double Logit, double Probability);

/// <summary>Reads ranks and probabilities from the logits of one position.</summary>
/// <param name="logits"><c>[vocabulary]</c>.</param>
readonly ref struct LensReader(ReadOnlySpan<float> logits)
{
    readonly ReadOnlySpan<float> logits = logits;
    readonly double partition = Logits.LogSumExp(logits);

    /// <summary>Returns the most probable tokens, the most probable first.</summary>
    public ImmutableArray<LensToken> Top(int count)
    {
        if (count == 0)
            return [];
        // A heap whose first element is the least probable of the tokens kept.
        var kept = new PriorityQueue<int, (float Logit, int Id)>();
        for (var id = 0; id < logits.Length; id++)
            if (kept.Count < count)
                kept.Enqueue(id, (logits[id], -id));
            else if (logits[id] > logits[kept.Peek()])
                kept.EnqueueDequeue(id, (logits[id], -id));
        var top = new LensToken[kept.Count];
        while (kept.TryDequeue(out var id, out _))
            top[kept.Count] = Token(id, kept.Count + 1);
        return [.. top];
    }

    /// <summary>Returns the given tokens, in the given order.</summary>
    public ImmutableArray<LensToken> Of(ImmutableArray<int> ids)
    {
        var tokens = new LensToken[ids.Length];
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = Token(ids[i], RankOf(ids[i]));
        return [.. tokens];
    }

    int RankOf(int id)
    {
        var rank = 1;
        for (var other = 0; other < logits.Length; other++)
            if (logits[other] > logits[id] || (logits[other] == logits[id] && other < id))
                rank++;
        return rank;
    }

    LensToken Token(int id, int rank) => new(id, rank, logits[id], Math.Exp(logits[id] - partition));
}
