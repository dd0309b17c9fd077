using RatIlgpu.Models;

namespace RatIlgpu.Cli.Bench;

/// <summary>Counts the floating point operations of a trace, two for each multiply-add.</summary>
static class Work
{
    /// <summary>Counts the layers before the traced one, and its queries and keys.</summary>
    /// <param name="config">The sizes.</param>
    /// <param name="tokens">How many tokens are run.</param>
    /// <param name="layer">The traced layer.</param>
    public static double OfTrace(Qwen2Config config, int tokens, int layer)
    {
        double width = config.HiddenSize, inner = config.IntermediateSize;
        double queries = config.HeadCount * config.HeadSize, keys = config.KeyHeadCount * config.HeadSize;
        var linear = width * (queries + 2 * keys) + queries * width + 3 * width * inner;

        // Scores and mixing, over the keys up to each query.
        var attention = 2 * queries * (tokens + 1) / 2;
        return 2 * tokens * (layer * (linear + attention) + width * (queries + keys));
    }
}
