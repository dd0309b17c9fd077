namespace RatIlgpu.Analysis;

/// <summary>Constructed models whose heads work together or share values.</summary>
static class CircuitModels
{
    /// <summary>The score of a match in the second layer of <see cref="Induction"/>, κ.</summary>
    public const double InductionKappa = 20;

    /// <summary>The strength of a head of the first layer that looks one token back, c²: its attention there is <c>1 −
    /// 2·10⁻⁸</c>.</summary>
    public const double PreviousStrength = 200;

    /// <summary>Gets the head of the first layer that looks one token back.</summary>
    public static HeadIndex Previous { get; } = new(0, 1);

    /// <summary>Gets the head of the second layer that looks for the token after an earlier one like the
    /// query's.</summary>
    public static HeadIndex Inductor { get; } = new(1, 2);

    /// <summary>Gets what each head of <see cref="GroupedCopy"/> writes of what its values hold.</summary>
    public static ImmutableArray<double> CopyFactors { get; } = [1, 2, 1, 3];

    /// <summary>Makes a model of two layers. Head 1 of the first looks one token back and writes the token there to the
    /// previous block (<c>W_V</c> reads <c>x[t]/ρ₀</c>). Head 2 of the second has the query of its token and keys of
    /// the previous block, with the height <c>√(κ√d)/ρ₁</c> for streams of two unit vectors: <c>S = κ [prev_j = t_i]
    /// cos δθ</c>. It writes out the token there (<c>W_V</c> reads <c>x[t]/ρ₁</c>). Position 0 holds itself as its
    /// previous token, since it sees no other.</summary>
    public static ConstructedModel Induction()
    {
        var model = new ConstructedModel(2);
        model.RememberPrevious();
        model.Match(
            Inductor.Layer, Inductor.Head, InductionKappa, 2,
            token => token, token => ConstructedShape.Previous(token));
        model.HoldTokens(Inductor.Layer, Inductor.Head / ConstructedShape.GroupSize, 1 / model.Shape.Height(2));
        model.WriteTokens(Inductor.Layer, Inductor.Head, ConstructedShape.Out);
        return model;
    }

    /// <summary>Makes a model of one layer whose key/value head 0 holds tokens and head 1 their negatives, each read by
    /// two heads, which write them out by the factors 1, 2, 1, 3: the mean over the tokens of <c>W_U[t]ᵀ W_O W_V
    /// W_E[t]</c> is +1, +2, −1, −3.</summary>
    public static ConstructedModel GroupedCopy()
    {
        var model = new ConstructedModel(1);
        model.HoldTokens(0, 0, 1);
        model.HoldTokens(0, 1, -1);
        foreach (var (head, factor) in CopyFactors.Index())
            model.WriteTokens(0, head, ConstructedShape.Out, factor);
        return model;
    }

    /// <summary>Lets head 1 of the first layer look one token back and write that token to the previous
    /// block.</summary>
    public static void RememberPrevious(this ConstructedModel model)
    {
        model.LookBack(Previous.Layer, Previous.Head, 1, PreviousStrength);
        model.HoldTokens(Previous.Layer, Previous.Head / ConstructedShape.GroupSize, 1 / model.Shape.Height(1));
        model.WriteTokens(Previous.Layer, Previous.Head, ConstructedShape.Previous);
    }
}
