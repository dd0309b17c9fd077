namespace RatIlgpu.Analysis;

/// <summary>Which heads are read, and what of them; change it with <c>with</c>.</summary>
public sealed record AttentionOptions
{
    /// <summary>Gets the layers, all of whose heads are read, <c>^1</c> for the last; each once. Null where
    /// <see cref="Heads"/> are given. Default: null, every head of every layer, or of each that was recorded of every
    /// prompt.</summary>
    public ValueArray<Index>? Layers { get; init; }

    /// <summary>Gets the heads; negative layers and heads count from the end, −1 for the last. A head that is given
    /// twice is read once. Null where <see cref="Layers"/> are given. Default: null.</summary>
    public ValueArray<HeadIndex>? Heads { get; init; }

    /// <summary>Gets whether <see cref="HeadAttention.ValueFactors"/> are computed. Default: false.</summary>
    public bool ValueFactors { get; init; }

    /// <summary>Gets whether <see cref="HeadAttention.InfoFactors"/> are computed. Default: false.</summary>
    public bool InfoFactors { get; init; }

    /// <summary>Gets whether <see cref="HeadAttention.Queries"/> and <see cref="HeadAttention.Keys"/> are kept.
    /// Default: false.</summary>
    public bool Vectors { get; init; }

    /// <summary>Gets whether the rollout through each layer that is read is computed, up to
    /// <see cref="AttentionRollout.MostTokens"/> tokens. All heads of all layers up to the last one are then needed.
    /// Default: false.</summary>
    public bool Rollout { get; init; }

    /// <summary>Gets the interventions in runs of the model; those at one site act in this order. A recorded run is
    /// read as it is. Default: none.</summary>
    public ValueArray<Intervention> Interventions { get; init; } = [];
}
