namespace RatIlgpu;

/// <summary>What the attention of a query to a key counts.</summary>
public enum AttentionWeights
{
    /// <summary>1: the probabilities stay as they are.</summary>
    Standard,

    /// <summary>The probability times the norm of the key's value, divided by the largest such norm in the
    /// prompt.</summary>
    Value,

    /// <summary>The probability times the norm of the vector that the head would write into the residual stream for the
    /// key alone, divided by the largest such norm in the prompt.</summary>
    Info,

    /// <summary>The norm of what all heads together bring from the key to the query, divided by the sum of these norms
    /// over the keys, so that a row sums to 1. Heads have none alone: attention pages do not have it.</summary>
    Contribution,
}
