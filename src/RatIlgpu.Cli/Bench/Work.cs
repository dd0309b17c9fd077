namespace RatIlgpu.Cli.Bench;

/// <summary>Counts floating point operations, two for each multiply-add.</summary>
static class Work
{
    /// <summary>Counts the layers before the traced one, and its queries and keys.</summary>
    public static double OfTrace(Qwen2Config config, int tokens, int layer) =>
        layer * OfLayer(config, tokens) + 2.0 * tokens * config.HiddenSize * (Queries(config) + Keys(config));

    /// <summary>Counts all layers, and the logits of all positions.</summary>
    public static double OfFullPass(Qwen2Config config, int tokens) =>
        config.LayerCount * OfLayer(config, tokens) + 2.0 * tokens * config.HiddenSize * config.VocabularySize;

    /// <summary>Counts all layers and the logits of the last position; of the last layer the keys and values of all
    /// positions, and everything else of the last one.</summary>
    public static double OfLastLogits(Qwen2Config config, int tokens)
    {
        var keysAndValues = 2.0 * config.HiddenSize * Keys(config);
        var lastLayer = 2 * (tokens * keysAndValues + Linear(config) - keysAndValues + 2 * Queries(config) * tokens);
        return (config.LayerCount - 1) * OfLayer(config, tokens) + lastLayer
            + 2.0 * config.HiddenSize * config.VocabularySize;
    }

    /// <summary>Counts all layers and the logits, for each token after a prompt.</summary>
    public static double OfDecoding(Qwen2Config config, int tokens, int newTokens)
    {
        // Scores and mixing of one query, over the keys of the prompt, of the new tokens before it and its own.
        var keys = tokens + (newTokens + 1) / 2.0;
        var layer = 2 * (Linear(config) + 2 * Queries(config) * keys);
        return newTokens * (config.LayerCount * layer + 2.0 * config.HiddenSize * config.VocabularySize);
    }

    static double OfLayer(Qwen2Config config, int tokens)
    {
        // Scores and mixing, over the keys up to each query.
        var attention = Queries(config) * (tokens + 1);
        return 2 * tokens * (Linear(config) + attention);
    }

    static double Linear(Qwen2Config config) =>
        (double)config.HiddenSize * (2 * Queries(config) + 2 * Keys(config) + 3.0 * config.IntermediateSize);

    static double Queries(Qwen2Config config) => (double)config.HeadCount * config.HeadSize;

    static double Keys(Qwen2Config config) => (double)config.KeyValueHeadCount * config.HeadSize;
}
