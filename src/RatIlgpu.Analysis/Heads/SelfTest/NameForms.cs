namespace RatIlgpu.Analysis;

/// <summary>What <see cref="NameModels.Inhibition"/> does with a sentence, by formula.</summary>
/// <remarks>A stream of layer 2 holds its token, the one before and the flag f, and has <c>|x|² = 2 + f²</c>; a number
/// that layer 2 reads with <c>1/ρ₁</c> is then <c>r = √((2/D + ε) / ((2 + f²)/D + ε))</c> of what it is.</remarks>
/// <param name="sentence">The sentence; <see cref="NameModels.First"/> stands first and nowhere else.</param>
sealed class NameForms(ImmutableArray<int> sentence)
{
    static readonly ConstructedShape Shape = ConstructedShape.Reference;

    double[]? flags;

    /// <summary>Returns the attention of the last token by the head that inhibits: the softmax of <c>(κ_n [name] + κ_f
    /// f) r</c>.</summary>
    public double[] InhibitorRow() => LastRow(key => Reading(key)
        * ((IsName(key) ? NameModels.NameKappa : 0) + (NameModels.FlagKappa * Flags[key])));

    /// <summary>Returns the attention of the last token by the head that moves names: the softmax of <c>κ_m [name]
    /// r</c>.</summary>
    public double[] MoverRow() => LastRow(key => IsName(key) ? NameModels.MoverKappa * Reading(key) : 0);

    /// <summary>Returns the logit of the indirect object minus that of the subject, <c>(out[IO] − out[S]) / sqrt(|x|²/D
    /// + ε)</c>, where <c>out[t] = Σ_j [t_j = t] r_j (M_j ρ₁/ρ₀ − N_j)</c> for the rows M of the head that moves and N
    /// of the head that inhibits, and <c>|x|² = 2 + f² + Σ_t out[t]²</c> at the last token.</summary>
    /// <param name="inhibits">Whether the head that inhibits writes; else N is 0.</param>
    public double Difference(bool inhibits)
    {
        var (mover, inhibitor) = (MoverRow(), InhibitorRow());
        var held = Shape.Height(2) / Shape.Height(1);
        var written = new double[ConstructedShape.Vocabulary];
        for (var key = 0; key < sentence.Length; key++)
            if (IsName(key))
                written[sentence[key]] += Reading(key) * ((mover[key] * held) - (inhibits ? inhibitor[key] : 0));
        var squares = 2 + (Flags[^1] * Flags[^1]) + written.Sum(number => number * number);
        return Shape.Height(squares) * (written[NameModels.IndirectObject] - written[NameModels.Subject]);
    }

    // 1 − A[i, 0] of the head that looks for repeats: κ where the token before the key is the query's, κ_s at the
    // first.
    double[] Flags => flags ??=
    [
        .. ClosedForms.Pattern(sentence.Length, (query, key) =>
            (NameModels.MatchKappa
                * ClosedForms.Match(Shape, sentence[query], sentence[int.Max(0, key - 1)], query - key))
            + (key == 0 ? NameModels.SinkKappa : 0)).Select(row => 1 - row[0]),
    ];

    double Reading(int key) => Shape.Height(2 + (Flags[key] * Flags[key])) / Shape.Height(2);

    bool IsName(int key) => NameModels.Names.Contains(sentence[key]);

    double[] LastRow(Func<int, double> score) => ClosedForms.Pattern(sentence.Length, (_, key) => score(key))[^1];
}
