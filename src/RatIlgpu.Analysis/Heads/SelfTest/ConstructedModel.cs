using RatIlgpu.Weights;

namespace RatIlgpu.Analysis;

/// <summary>A checkpoint whose weights are set by hand, so that what its heads do has a formula.</summary>
/// <remarks>Token t is the unit vector of its place; every gain is 1; MLPs write nothing; every weight that is not set
/// is 0, and a head without queries is exactly uniform. The unembedding of an untied model reads what is written
/// out.</remarks>
sealed class ConstructedModel
{
    // Any size does: nothing is written back from it.
    const int Neurons = 8;

    readonly Dictionary<string, (Shape Shape, double[] Numbers)> weights;

    /// <summary>Makes a model of which nothing is set.</summary>
    /// <param name="layers">The number of layers, at least 1.</param>
    /// <param name="isTied">Whether the unembedding is the embedding.</param>
    /// <param name="shape">The sizes; null for <see cref="ConstructedShape.Reference"/>.</param>
    public ConstructedModel(int layers, bool isTied = false, ConstructedShape? shape = null)
    {
        Shape = shape ?? ConstructedShape.Reference;
        Config = new()
        {
            HiddenSize = Shape.Width,
            IntermediateSize = Neurons,
            LayerCount = layers,
            HeadCount = ConstructedShape.HeadCount,
            KeyValueHeadCount = ConstructedShape.GroupCount,
            HeadSize = Shape.HeadSize,
            VocabularySize = ConstructedShape.Vocabulary,
            RmsNormEpsilon = ConstructedShape.Epsilon,
            RopeTheta = Shape.RopeTheta,
            TiesEmbeddings = isTied,
            MaxPositions = 1024,
        };
        weights = Qwen2Layout.Tensors(Config).ToDictionary(
            weight => weight.Name, weight => (weight.Shape, new double[weight.Shape.Count]));
        foreach (var (name, (_, numbers)) in weights)
            if (name.EndsWith("norm.weight", StringComparison.Ordinal))
                numbers.AsSpan().Fill(1);
        for (var token = 0; token < ConstructedShape.Vocabulary; token++)
        {
            At("model.embed_tokens.weight", token, ConstructedShape.Token(token)) = 1;
            if (!isTied)
                At("lm_head.weight", token, ConstructedShape.Out(token)) = 1;
        }
    }

    /// <summary>Gets the sizes.</summary>
    public ConstructedShape Shape { get; }

    /// <summary>Gets the architecture.</summary>
    public Qwen2Config Config { get; }

    /// <summary>Gets a number of the query matrix, by head, coordinate of the head and place in the stream.</summary>
    public ref double Query(int layer, int head, int coordinate, int place) =>
        ref At(Name(layer, "q_proj.weight"), (head * Shape.HeadSize) + coordinate, place);

    /// <summary>Gets a number of the query bias.</summary>
    public ref double QueryBias(int layer, int head, int coordinate) =>
        ref At(Name(layer, "q_proj.bias"), 0, (head * Shape.HeadSize) + coordinate);

    /// <summary>Gets a number of the key matrix, by key/value head, coordinate of the head and place in the
    /// stream.</summary>
    public ref double Key(int layer, int group, int coordinate, int place) =>
        ref At(Name(layer, "k_proj.weight"), (group * Shape.HeadSize) + coordinate, place);

    /// <summary>Gets a number of the key bias.</summary>
    public ref double KeyBias(int layer, int group, int coordinate) =>
        ref At(Name(layer, "k_proj.bias"), 0, (group * Shape.HeadSize) + coordinate);

    /// <summary>Gets a number of the value matrix, by key/value head, coordinate of the head and place in the
    /// stream.</summary>
    public ref double Value(int layer, int group, int coordinate, int place) =>
        ref At(Name(layer, "v_proj.weight"), (group * Shape.HeadSize) + coordinate, place);

    /// <summary>Gets a number of the value bias.</summary>
    public ref double ValueBias(int layer, int group, int coordinate) =>
        ref At(Name(layer, "v_proj.bias"), 0, (group * Shape.HeadSize) + coordinate);

    /// <summary>Gets a number of the output matrix, by head, place in the stream and coordinate of the head.</summary>
    public ref double Output(int layer, int head, int place, int coordinate) =>
        ref At(Name(layer, "o_proj.weight"), place, (head * Shape.HeadSize) + coordinate);

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>, in F32; files of these names are
    /// replaced.</summary>
    /// <param name="folder">The folder, which is made if it is not there.</param>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        WholeFile.Write(Path.Combine(folder, "config.json"), Qwen2ConfigWriter.Write(Config, DataType.F32));
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            weights.Select(weight =>
                SafetensorsTensor.Of(weight.Key, DataType.F32, weight.Value.Shape, weight.Value.Numbers)));
    }

    static string Name(int layer, string part) => Qwen2Layout.NameOf(layer, $"self_attn.{part}");

    ref double At(string name, int row, int column)
    {
        var (shape, numbers) = weights[name];
        return ref numbers[(row * shape[shape.Rank - 1]) + column];
    }
}
