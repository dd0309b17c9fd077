namespace RatIlgpu.Analysis;

/// <summary>A condition of a prediction table.</summary>
/// <param name="Kind">What is set to 0.</param>
/// <param name="Heads">The heads, ascending; empty where the condition is of whole layers.</param>
/// <param name="Layer">The layer whose values are set to 0, or whose components are taken out; null where the condition
/// is not of one layer.</param>
/// <param name="Name">The condition in words, such as <c>layer 1: values at t−1</c>.</param>
public sealed record PredictionCondition(
    PredictionConditionKind Kind, ValueArray<HeadIndex> Heads, int? Layer, string Name)
{
    /// <summary>Gets the components that are taken out, those of queries at t and those of keys at t − 1; null where
    /// something else is set to 0.</summary>
    public AblatedComponents? Components { get; init; }

    /// <summary>Returns the name.</summary>
    public override string ToString() => Name;
}

/// <summary>What a condition of a prediction table sets to 0; t is the position after which the next token is
/// predicted.</summary>
/// <remarks>Values are those of key positions: their attention is not shared out among the others.</remarks>
public enum PredictionConditionKind
{
    /// <summary>Nothing.</summary>
    Baseline,

    /// <summary>The outputs of heads at t.</summary>
    Heads,

    /// <summary>The values at t − 1 of all heads of a layer.</summary>
    PreviousValues,

    /// <summary>The values at t − 1 as the chosen heads read them; other heads of a group keep theirs.</summary>
    PreviousValuesOfHeads,

    /// <summary>The values at t − 1 and t − 2 of all heads of a layer.</summary>
    TwoPreviousValues,

    /// <summary>The values of all heads of a layer up to and including t: attention writes nothing there.</summary>
    /// <remarks>The row that goodfire-ai/spd, pull request 403, calls all previous.</remarks>
    LayerValues,

    /// <summary>The values of all heads of a layer before t.</summary>
    EarlierValues,

    /// <summary>The values of all heads of all layers: the prediction depends on the token at t alone.</summary>
    AllValues,

    /// <summary>Components of the queries of a layer at t and of its keys at t − 1
    /// (<see cref="PredictionCondition.Components"/>); with heads, for these alone.</summary>
    Components,

    /// <summary>What a caller gave (<see cref="GivenCondition"/>).</summary>
    Given,
}
