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

    static double OfLayer(Qwen2Config config, int tokens)
    {
        double width = config.HiddenSize, queries = Queries(config), keys = Keys(config);
        var linear = width * (queries + 2 * keys) + queries * width + 3 * width * config.IntermediateSize;

        // Scores and mixing, over the keys up to each query.
        var attention = queries * (tokens + 1);
        return 2 * tokens * (linear + attention);
    }

    static double Queries(Qwen2Config config) => (double)config.HeadCount * config.HeadSize;

    static double Keys(Qwen2Config config) => (double)config.KeyValueHeadCount * config.HeadSize;
}
