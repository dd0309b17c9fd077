namespace RatIlgpu.Analysis;

/// <summary>Constructed models for sentences with names, in which the name that is said twice is held back, as in
/// "When Mary and John went to the store, John gave a drink to".</summary>
/// <remarks>Wang et al., "Interpretability in the Wild: a Circuit for Indirect Object Identification in GPT-2 small",
/// 2022.</remarks>
static class NameModels
{
    /// <summary>The token at the start of a sentence.</summary>
    public const int First = 0;

    /// <summary>The name that is due at the end.</summary>
    public const int IndirectObject = 1;

    /// <summary>The name that is said twice.</summary>
    public const int Subject = 2;

    /// <summary>The third name, of the control.</summary>
    public const int Third = 3;

    /// <summary>The position of the indirect object.</summary>
    public const int IndirectPosition = 2;

    /// <summary>The position of the subject's first mention.</summary>
    public const int SubjectPosition = 5;

    /// <summary>The position of its second mention, or of the third name.</summary>
    public const int SecondPosition = 10;

    /// <summary>The score of a match in the second layer, κ.</summary>
    public const double MatchKappa = 20;

    /// <summary>The score of the first token in the second layer, κ_s, where a query without a match rests.</summary>
    public const double SinkKappa = 10;

    /// <summary>The score of a name for the head that inhibits, κ_n.</summary>
    public const double NameKappa = 7.15;

    /// <summary>The score of the flag for the head that inhibits, κ_f.</summary>
    public const double FlagKappa = 20;

    /// <summary>The score of a name for the head that moves names, κ_m.</summary>
    public const double MoverKappa = 23.63;

    /// <summary>Gets the head that inhibits the subject in <see cref="Inhibition"/>.</summary>
    public static HeadIndex Inhibitor { get; } = new(2, 0);

    /// <summary>Gets the head that moves names in <see cref="Inhibition"/>.</summary>
    public static HeadIndex Mover { get; } = new(2, 2);

    /// <summary>Gets the names.</summary>
    public static ImmutableArray<int> Names { get; } = [IndirectObject, Subject, Third];

    /// <summary>Gets a sentence of 15 tokens that says the subject twice.</summary>
    public static ImmutableArray<int> Sentence { get; } =
        [First, 4, IndirectObject, 5, 6, Subject, 7, 8, 9, 10, Subject, 11, 12, 13, 14];

    /// <summary>Gets the control: the third name in place of the subject's second mention.</summary>
    public static ImmutableArray<int> Control { get; } = Sentence.SetItem(SecondPosition, Third);

    /// <summary>Makes a model of three layers.</summary>
    /// <remarks>Layer 0: head 1 looks one token back, as in <see cref="CircuitModels.Induction"/>. Layer 1: head 2
    /// scores κ the key after an earlier token like the query's and κ_s the first token; its value is 1, and 0 for the
    /// first token (<c>b_V = 1</c>, <c>W_V = −1/ρ₁</c> there), and it is written to the flag: 1 where a token is
    /// repeated. Layer 2: head 0 scores a name κ_n and the flag κ_f, holds names by <c>x[t]/ρ₁</c> and writes out their
    /// negatives; head 2 scores names κ_m, holds them by <c>x[t]/ρ₀</c> and writes them out. The norm of a stream with
    /// a flag is larger by <c>√(3/2)</c>, so that head 2 attends less to the subject's second mention than to the
    /// first.</remarks>
    public static ConstructedModel Inhibition()
    {
        var model = new ConstructedModel(3);
        var shape = model.Shape;
        model.RememberPrevious();

        const int Repeats = 2, Repeated = 1;
        model.Match(1, Repeats, MatchKappa, 2, token => token, token => ConstructedShape.Previous(token));
        model.Select(1, Repeats, SinkKappa, 2, ConstructedShape.Token(First));
        model.ValueBias(1, Repeated, 0) = 1;
        model.Value(1, Repeated, 0, ConstructedShape.Token(First)) = -1 / shape.Height(2);
        model.Output(1, Repeats, ConstructedShape.Flag, 0) = 1;

        var (inhibitor, mover) = (Inhibitor.Head, Mover.Head);
        model.Select(2, inhibitor, NameKappa, 2, Names.Select(ConstructedShape.Token));
        model.Select(2, inhibitor, FlagKappa, 2, ConstructedShape.Flag);
        model.HoldTokens(2, inhibitor / ConstructedShape.GroupSize, 1 / shape.Height(2), Names);
        model.WriteTokens(2, inhibitor, ConstructedShape.Out, -1);
        model.Select(2, mover, MoverKappa, 2, Names.Select(ConstructedShape.Token));
        model.HoldTokens(2, mover / ConstructedShape.GroupSize, 1 / shape.Height(1), Names);
        model.WriteTokens(2, mover, ConstructedShape.Out);
        return model;
    }

    /// <summary>Makes a model of one layer whose head 1 looks four tokens back whatever stands there, and writes out
    /// the negative of a name (<c>W_V</c> holds <c>x[t]</c>, <c>W_O</c> writes −1): to the end of a sentence it looks
    /// like a head that inhibits, but the control shows the same attention.</summary>
    public static ConstructedModel Decoy()
    {
        var model = new ConstructedModel(1);
        model.LookBack(0, PositionalModels.OffsetHead, Sentence.Length - 1 - SecondPosition,
            CircuitModels.PreviousStrength);
        model.HoldTokens(0, PositionalModels.OffsetHead / ConstructedShape.GroupSize, 1, Names);
        model.WriteTokens(0, PositionalModels.OffsetHead, ConstructedShape.Out, -1);
        return model;
    }
}
