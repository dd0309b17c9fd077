namespace RatIlgpu.Analysis;

/// <summary>Constructed models of one layer whose heads look for tokens.</summary>
static class MatchingModels
{
    /// <summary>The head that looks for duplicates in <see cref="Duplicate"/>.</summary>
    public const int DuplicateHead = 3;

    /// <summary>The head that looks for predecessors in <see cref="Successor"/>, and that writes successors in <see
    /// cref="Increment"/>.</summary>
    public const int SuccessorHead = 2;

    /// <summary>The ordered tokens 0 to 6, such as weekdays.</summary>
    public const int Ordinals = 7;

    /// <summary>The token between two elements of a list.</summary>
    public const int Comma = 7;

    /// <summary>Makes a model whose head 3 looks for the token of the query: query and key have the height
    /// <c>√(κ√d)/ρ₀</c> at the code of their token. The biases <c>+√g</c> of keys and <c>−√g</c> of queries in the fast
    /// pairs push it away from the query itself: <c>S = κ [equal] cos δθ − g/√d · Σ_m cos δθ_m</c>.</summary>
    /// <param name="kappa">The score of equal tokens, κ.</param>
    /// <param name="repulsion">The repulsion from near positions, g.</param>
    public static ConstructedModel Duplicate(double kappa, double repulsion)
    {
        var model = new ConstructedModel(1, isTied: true);
        model.Match(0, DuplicateHead, kappa, 1, token => token, token => ConstructedShape.Token(token));
        for (var pair = 0; pair < model.Shape.FastPairs; pair++)
        {
            model.KeyBias(0, DuplicateHead / ConstructedShape.GroupSize, pair) = Math.Sqrt(repulsion);
            model.QueryBias(0, DuplicateHead, pair) = -Math.Sqrt(repulsion);
        }

        return model;
    }

    /// <summary>Makes a model whose head 2 looks for the ordinal before that of the query: the key of ordinal t has
    /// code t, its query code t − 1, so that <c>S = κ cos δθ</c> there. All other tokens have queries and keys of
    /// 0.</summary>
    /// <param name="kappa">The score of a predecessor, κ.</param>
    public static ConstructedModel Successor(double kappa)
    {
        var model = new ConstructedModel(1, isTied: true);
        model.Match(
            0, SuccessorHead, kappa, 1,
            token => token is > 0 and < Ordinals ? token - 1 : null,
            token => token < Ordinals ? ConstructedShape.Token(token) : null);
        return model;
    }

    /// <summary>Makes a model whose head 2 is uniform and writes the ordinal after each that it reads, and the first
    /// after the last: <c>W_V</c> holds <c>x[t]/ρ₀</c>, and <c>W_O</c> writes it to <c>out[(t + 1) mod 7]</c>. All
    /// other heads write nothing.</summary>
    public static ConstructedModel Increment()
    {
        var model = new ConstructedModel(1);
        var group = SuccessorHead / ConstructedShape.GroupSize;
        model.HoldTokens(0, group, 1 / model.Shape.Height(1), Enumerable.Range(0, Ordinals));
        for (var token = 0; token < Ordinals; token++)
            model.Output(0, SuccessorHead, ConstructedShape.Out((token + 1) % Ordinals), token) = 1;
        return model;
    }
}
