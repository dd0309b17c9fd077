namespace RatIlgpu;

/// <summary>The activations of a run, in the order in which the model makes them.</summary>
/// <remarks>Shapes: T positions of this run, S keys (cached positions and these), H heads, K key/value heads, c head
/// size, d width, F MLP width, V vocabulary.</remarks>
public enum Activation
{
    /// <summary>The token embeddings, which start the residual stream; <c>[T, d]</c>; of the model, not of a
    /// layer.</summary>
    Embedding,

    /// <summary>The residual stream before a layer; <c>[T, d]</c>.</summary>
    ResidualBefore,

    /// <summary>The normed residual stream that the queries, keys and values read; <c>[T, d]</c>.</summary>
    AttentionInput,

    /// <summary>The queries before rotation; <c>[T, H, c]</c>.</summary>
    Query,

    /// <summary>The keys before rotation; <c>[T, K, c]</c>.</summary>
    Key,

    /// <summary>The queries turned by their positions; <c>[T, H, c]</c>.</summary>
    RotatedQuery,

    /// <summary>The keys turned by their positions; <c>[T, K, c]</c>.</summary>
    RotatedKey,

    /// <summary>The values; <c>[T, K, c]</c>.</summary>
    Value,

    /// <summary>The turned keys as each query head by itself sees them, so that those of one can be changed and not
    /// those of its group; <c>[S, H, c]</c>.</summary>
    HeadKey,

    /// <summary>The values as each query head by itself sees them; <c>[S, H, c]</c>.</summary>
    HeadValue,

    /// <summary>The attention probabilities; <c>[H, T, S]</c>.</summary>
    Pattern,

    /// <summary>The values mixed by the pattern, head by head; <c>[T, H, c]</c>.</summary>
    HeadOutput,

    /// <summary>What attention adds to the residual stream; <c>[T, d]</c>.</summary>
    AttentionOutput,

    /// <summary>The residual stream between attention and MLP; <c>[T, d]</c>.</summary>
    ResidualMiddle,

    /// <summary>The normed residual stream that the MLP reads; <c>[T, d]</c>.</summary>
    MlpInput,

    /// <summary>The gated neurons of the MLP; <c>[T, F]</c>.</summary>
    MlpNeurons,

    /// <summary>What the MLP adds to the residual stream; <c>[T, d]</c>.</summary>
    MlpOutput,

    /// <summary>The residual stream after a layer; <c>[T, d]</c>.</summary>
    ResidualAfter,

    /// <summary>The normed stream that the unembedding reads, at the positions whose logits were asked for; <c>[rows,
    /// d]</c>; of the model, not of a layer.</summary>
    FinalNorm,

    /// <summary>The logits, at the positions asked for; <c>[rows, V]</c>; of the model, not of a layer.</summary>
    Logits,
}
