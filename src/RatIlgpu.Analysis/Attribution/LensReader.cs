using System.Numerics.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>Reads ranks, probabilities and the entropy from the logits of one state.</summary>
readonly ref struct LensReader
{
    readonly ReadOnlySpan<float> logits;
    readonly double partition;

    /// <summary>Reads the sum over the vocabulary.</summary>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    public LensReader(ReadOnlySpan<float> logits)
    {
        this.logits = logits;
        double largest = TensorPrimitives.Max(logits);
        var (sum, weighted) = (0.0, 0.0);
        foreach (var logit in logits)
        {
            var part = Math.Exp(logit - largest);
            sum += part;
            weighted += part * (largest - logit);
        }

        // p = exp(x − max) / S, so −Σ p log p = log S + Σ p (max − x): no term is negative.
        partition = largest + Math.Log(sum);
        Entropy = Math.Log(sum) + weighted / sum;
    }

    /// <summary>Gets the entropy, <c>−Σ p log p</c>.</summary>
    public double Entropy { get; }

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

    /// <summary>Returns the prediction as one that others are compared with.</summary>
    /// <param name="into">A prediction of as many tokens that is not needed any more, whose place is taken; null for
    /// none.</param>
    public ExpectedPrediction Keep(ExpectedPrediction? into = null)
    {
        into ??= new(logits.Length);
        into.Set(logits);
        return into;
    }

    /// <summary>Returns the divergence <c>Σ f log(f / p)</c> of a prediction f from this one.</summary>
    public double DivergenceFrom(ExpectedPrediction other) => other.DivergenceTo(logits);

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
