namespace RatIlgpu.Analysis;

/// <summary>From where the logit of a single token is counted; without meaning for a difference of two.</summary>
public enum LogitReference
{
    /// <summary>From 0: the logit as the model gives it.</summary>
    Raw,

    /// <summary>From the mean of all logits at the position, as TransformerLens shows it, which centres the unembedding
    /// when it loads a model. What a part adds to all tokens alike then counts for nothing.</summary>
    VocabularyMean,
}
