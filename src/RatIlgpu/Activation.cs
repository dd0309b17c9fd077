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

    /// <summary>The queries before norm, where the model norms heads, and rotation; <c>[T, H, c]</c>.</summary>
    Query,

    /// <summary>The keys before norm, where the model norms heads, and rotation; <c>[T, K, c]</c>.</summary>
    Key,

    /// <summary>The queries, normed where the model norms heads, rotated by their positions; <c>[T, H,
    /// c]</c>.</summary>
    RotatedQuery,

    /// <summary>The keys, normed where the model norms heads, rotated by their positions; <c>[T, K, c]</c>.</summary>
    RotatedKey,

    /// <summary>The values; <c>[T, K, c]</c>.</summary>
    Value,

    /// <summary>The rotated keys, repeated for each query head, so that a probe can change them for one head of a
    /// group; <c>[S, H, c]</c>.</summary>
    HeadKey,

    /// <summary>The values, repeated for each query head; <c>[S, H, c]</c>.</summary>
    HeadValue,

    /// <summary>The attention probabilities; <c>[H, T, S]</c>.</summary>
    Pattern,

    /// <summary>The sums of the values weighted by the pattern, head by head (<c>z</c> in TransformerLens);
    /// <c>[T, H, c]</c>.</summary>
    HeadOutput,

    /// <summary>The output of attention, which is added to the residual stream; <c>[T, d]</c>.</summary>
    AttentionOutput,

    /// <summary>The residual stream between attention and MLP; <c>[T, d]</c>.</summary>
    ResidualMiddle,

    /// <summary>The normed residual stream that the MLP reads; <c>[T, d]</c>.</summary>
    MlpInput,

    /// <summary>The gated neurons of the MLP; <c>[T, F]</c>.</summary>
    MlpNeurons,

    /// <summary>The output of the MLP, which is added to the residual stream; <c>[T, d]</c>.</summary>
    MlpOutput,

    /// <summary>The residual stream after a layer; <c>[T, d]</c>.</summary>
    ResidualAfter,

    /// <summary>The normed stream that the unembedding reads, at the positions whose logits were asked for; <c>[rows,
    /// d]</c>; of the model, not of a layer.</summary>
    FinalNorm,

    /// <summary>The logits, at the positions asked for; <c>[rows, V]</c>; of the model, not of a layer.</summary>
    Logits,
}
