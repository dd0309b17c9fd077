namespace RatIlgpu.Analysis;

/// <summary>What happens to a behaviour of the model when a head, or all heads of a role, is taken away.</summary>
/// <param name="Role">The role that claims the behaviour.</param>
/// <param name="Behaviour">The behaviour.</param>
/// <param name="Kind">How the heads were taken away.</param>
/// <param name="Effect">How much worse the behaviour is, in its unit; negative where it is better.</param>
/// <param name="Null">The same for random heads, as many, one value for each draw: heads without a role that claims
/// this behaviour. Fewer than 10 draws are all that there are.</param>
/// <param name="Verdict">What follows.</param>
public sealed record CausalEffect(
    HeadRole Role,
    HeadBehaviour Behaviour,
    HeadAblation Kind,
    double Effect,
    MeanAndSpread Null,
    CausalVerdict Verdict)
{
    /// <summary>Gets whether the random heads are all of the layers of the heads; those of the nearest layers were
    /// taken, too, where a layer has fewer than five to draw from.</summary>
    public bool IsSameLayer { get; init; } = true;
}

/// <summary>What all heads of a role do together.</summary>
/// <param name="Role">The role.</param>
/// <param name="Heads">The heads.</param>
/// <param name="Effects">The effect of taking all of them away, for each kind of ablation.</param>
public sealed record RoleEffect(
    HeadRole Role, ValueArray<HeadIndex> Heads, ValueArray<CausalEffect> Effects);

/// <summary>What a model does, in one number, on sequences that an atlas makes.</summary>
public enum HeadBehaviour
{
    /// <summary>The loss on later copies of repeated random tokens, in nats.</summary>
    InductionLoss,

    /// <summary>The logit of the right name less that of the repeated one.</summary>
    NameDifference,

    /// <summary>The loss on the next element of an ordered run, in nats.</summary>
    NextElementLoss,

    /// <summary>The loss on text, in nats.</summary>
    TextLoss,

    /// <summary>The loss on the first copy of repeated random tokens, in nats: what <see cref="InductionLoss"/> would
    /// be without an earlier copy. No role claims it.</summary>
    FirstCopyLoss,
}

/// <summary>How heads are taken away.</summary>
public enum HeadAblation
{
    /// <summary>Their outputs are 0.</summary>
    Zero,

    /// <summary>Their outputs are their means over the positions of the sequences.</summary>
    Mean,
}

/// <summary>What an ablation says of a role.</summary>
public enum CausalVerdict
{
    /// <summary>The behaviour gets worse, by more than random heads make it.</summary>
    Causal,

    /// <summary>The head alone makes no difference, but all heads of its role together do.</summary>
    Redundant,

    /// <summary>The behaviour gets better, by more than random heads make it.</summary>
    Interferes,

    /// <summary>No more than random heads do.</summary>
    None,
}
