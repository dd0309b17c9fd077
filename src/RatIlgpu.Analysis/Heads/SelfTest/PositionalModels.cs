namespace RatIlgpu.Analysis;

/// <summary>Constructed models of one layer whose heads look at positions or at a few keys.</summary>
static class PositionalModels
{
    /// <summary>The head that looks back in <see cref="Offset"/>; head 0 of its group stays uniform.</summary>
    public const int OffsetHead = 1;

    /// <summary>The head that looks at a few keys in <see cref="KeySelective"/>.</summary>
    public const int SelectiveHead = 0;

    /// <summary>Makes a model of uniform heads: all queries and keys are 0, so that <c>A[i, j] = 1/(i +
    /// 1)</c>.</summary>
    public static ConstructedModel Uniform() => new(1, isTied: true);

    /// <summary>Makes a model whose head 1 looks n tokens back: <c>S(δ) = c²/√d · Σ_m cos((δ − n) θ_m)</c> over the
    /// fast pairs. Its sibling has the same keys and no queries.</summary>
    /// <param name="offset">The number of tokens back, n.</param>
    /// <param name="strength">The strength, c².</param>
    /// <param name="shape">The sizes; null for <see cref="ConstructedShape.Reference"/>.</param>
    public static ConstructedModel Offset(int offset, double strength, ConstructedShape? shape = null)
    {
        var model = new ConstructedModel(1, isTied: true, shape);
        model.LookBack(0, OffsetHead, offset, strength);
        return model;
    }

    /// <summary>Makes a model whose head 0 looks at some tokens: each has the score κ, and every other key 0. One token
    /// that stands first alone makes a sink.</summary>
    /// <param name="kappa">The score, κ.</param>
    /// <param name="tokens">The tokens.</param>
    public static ConstructedModel KeySelective(double kappa, params IEnumerable<int> tokens)
    {
        var model = new ConstructedModel(1, isTied: true);
        model.Select(0, SelectiveHead, kappa, 1, tokens.Select(ConstructedShape.Token));
        return model;
    }
}
