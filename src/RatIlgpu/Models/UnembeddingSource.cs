using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>Which tensor of a checkpoint is the unembedding of its model.</summary>
/// <param name="IsTied">Whether the unembedding is the embedding.</param>
/// <param name="IsThere">Whether there is an unembedding.</param>
/// <remarks>As Hugging Face does from version 5 on: where the config ties the two and the checkpoint has both, it ties
/// them only if they are equal.</remarks>
sealed record UnembeddingSource(bool IsTied, bool IsThere)
{
    bool isEmbeddingStoredAsHead;

    /// <summary>Gets what a user should know; null for nothing.</summary>
    public string? Notice { get; private init; }

    /// <summary>Looks for the unembedding.</summary>
    public static UnembeddingSource Of(Qwen2Config config, WeightSource source)
    {
        const string Own = TensorNames.Unembedding;
        var (hasEmbedding, hasOwn) = (source.Has(TensorNames.Embedding), source.Has(Own));
        if (hasEmbedding && hasOwn && source.AreOne(TensorNames.Embedding, Own))
            return new(true, true);
        if (!config.TiesEmbeddings)
            return hasOwn ? new(false, true) : new(false, false) { Notice = Missing };
        if (!hasOwn || !hasEmbedding)
            return new(true, true) { isEmbeddingStoredAsHead = hasOwn };
        var shape = new Shape(config.VocabularySize, config.HiddenSize);
        if (!source.Fits(Own, shape) || !source.Fits(TensorNames.Embedding, shape))
            return new(true, true) { Notice = $"{Own} of the checkpoint does not fit: the embedding takes its place." };
        return source.AreEqual(TensorNames.Embedding, Own)
            ? new(true, true)
            : new(false, true)
            {
                Notice = $"{Own} of the checkpoint is used, which is not the embedding, though tie_word_embeddings of "
                    + "config.json is true; false would say so.",
            };
    }

    /// <summary>Gets what there is to say of a model without an unembedding.</summary>
    public static string Missing =>
        $"The checkpoint has no {TensorNames.Unembedding}, and tie_word_embeddings of config.json is not true, so "
        + "there are no logits and no predictions; if the embedding is also the unembedding, write "
        + "\"tie_word_embeddings\": true into config.json.";

    /// <summary>Returns the name under which a weight is stored.</summary>
    public string StoredAs(string name) =>
        isEmbeddingStoredAsHead && name == TensorNames.Embedding ? TensorNames.Unembedding : name;
}
