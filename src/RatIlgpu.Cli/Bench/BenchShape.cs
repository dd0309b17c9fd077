namespace RatIlgpu.Cli.Bench;

/// <summary>The shapes of published models, to be filled with random weights.</summary>
static class BenchShape
{
    /// <summary>Gets the names of the shapes.</summary>
    public static IEnumerable<string> Names => All.Keys;

    static Dictionary<string, Qwen2Config> All { get; } = new()
    {
        ["qwen2-0.5b"] = Of(width: 896, inner: 4864, layers: 24, heads: 14, keyHeads: 2, vocabulary: 151_936),
        ["qwen2-1.5b"] = Of(width: 1536, inner: 8960, layers: 28, heads: 12, keyHeads: 2, vocabulary: 151_936),
        ["qwen2-7b"] = Of(width: 3584, inner: 18_944, layers: 28, heads: 28, keyHeads: 4, vocabulary: 152_064) with
        {
            TiesEmbeddings = false,
        },
        ["tiny"] = Of(width: 128, inner: 352, layers: 4, heads: 8, keyHeads: 2, vocabulary: 1350),
    };

    /// <summary>Returns the sizes of a shape that <see cref="ReadName"/> took.</summary>
    public static Qwen2Config Find(string name) => All[name];

    /// <summary>Reads the name of a shape.</summary>
    /// <exception cref="FormatException">There is no such shape.</exception>
    public static string ReadName(string name) => All.ContainsKey(name)
        ? name
        : throw new FormatException($"is '{name}', expected one of {string.Join(", ", Names)}.");

    static Qwen2Config Of(int width, int inner, int layers, int heads, int keyHeads, int vocabulary) =>
        new()
        {
            HiddenSize = width,
            IntermediateSize = inner,
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = keyHeads,
            HeadSize = width / heads,
            VocabularySize = vocabulary,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 1e6,
            TiesEmbeddings = true,
            MaxPositions = 131_072,
        };
}
