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
    public LensPrediction Keep(LensPrediction? into = null)
    {
        into ??= new(logits.Length);
        logits.CopyTo(into.Logits);
        for (var id = 0; id < logits.Length; id++)
            into.Probabilities[id] = Math.Exp(logits[id] - partition);
        into.Partition = partition;
        return into;
    }

    /// <summary>Returns the divergence <c>Σ f log(f / p)</c> of a prediction f from this one.</summary>
    public double DivergenceFrom(LensPrediction other)
    {
        var (sum, last, chances) = (0.0, other.Logits, other.Probabilities);
        for (var id = 0; id < logits.Length; id++)
            sum += chances[id] * ((last[id] - other.Partition) - (logits[id] - partition));
        // Nearly equal predictions can sum to a hair below 0.
        return Math.Max(0, sum);
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

/// <summary>The prediction of a state, which those of others are compared with.</summary>
/// <param name="vocabulary">The number of tokens.</param>
sealed class LensPrediction(int vocabulary)
{
    /// <summary>Gets the logits, <c>[vocabulary]</c>.</summary>
    public float[] Logits { get; } = new float[vocabulary];

    /// <summary>Gets the probabilities, <c>[vocabulary]</c>.</summary>
    public double[] Probabilities { get; } = new double[vocabulary];

    /// <summary>Gets or sets the logarithm of <c>Σ exp(logit)</c>.</summary>
    public double Partition { get; set; }
}
