namespace RatIlgpu.Analysis;

/// <summary>Where the biases of values go, which every head writes at every position of every prompt, since a row of
/// attention sums to 1.</summary>
public enum ValueBiasTreatment
{
    /// <summary>They stay with the heads, as the model computes them.</summary>
    InHeads,

    /// <summary>They are a row of each layer. What is then left of a head is what TransformerLens shows, which moves
    /// the biases when it loads a model.</summary>
    Separate,
}
