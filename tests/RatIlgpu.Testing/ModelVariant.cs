using System.Text;
using System.Text.Json.Nodes;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Testing;

/// <summary>The folder of a small model, written in another way than usual: with other names, formats, fields or
/// files.</summary>
public sealed class ModelVariant : IDisposable
{
    // The tokens of the tokenizer, and some ids without a token.
    const int Vocabulary = 280;

    readonly TemporaryFolder folder = new();

    /// <summary>Writes the folder of a tied model of random weights, in F32.</summary>
    /// <param name="change">Returns the tensors to write in place of one; null for the tensors as they are.</param>
    /// <param name="more">Tensors to write beside them.</param>
    /// <param name="fields">Fields of <c>config.json</c> to write over those of the model, such as
    /// <c>"is_causal": false</c>.</param>
    /// <param name="metadata">The metadata of the file.</param>
    /// <param name="isTied">Whether the model is tied; else it has an unembedding of its own.</param>
    public ModelVariant(
        Func<SafetensorsTensor, IEnumerable<SafetensorsTensor>>? change = null,
        IEnumerable<SafetensorsTensor>? more = null,
        string fields = "",
        IReadOnlyDictionary<string, string>? metadata = null,
        bool isTied = true)
    {
        Config = TinyQwen2.Small with { TiesEmbeddings = isTied, VocabularySize = Vocabulary };
        using var tiny = new TinyQwen2(Config, format: DataType.F32);
        Tensors = [.. Read(tiny.Folder).SelectMany(change ?? (tensor => [tensor])), .. more ?? []];
        SafetensorsWriter.Write(Path("model.safetensors"), Tensors, metadata);
        WriteConfig(fields);
        using var tokenizer = new TinyTokenizer().WithFiles();
        folder.Copy(tokenizer.Folder);
    }

    /// <summary>Gets the sizes.</summary>
    public Qwen2Config Config { get; }

    /// <summary>Gets the tensors that were written.</summary>
    public ImmutableArray<SafetensorsTensor> Tensors { get; }

    /// <summary>Gets the folder.</summary>
    public string Root => folder.Root;

    /// <summary>Returns the path of a file in the folder.</summary>
    public string Path(params string[] parts) => folder.Path(parts);

    /// <summary>Writes a text into a file of the folder.</summary>
    public void Write(string text, params string[] parts) => folder.Write(Encoding.UTF8.GetBytes(text), parts);

    /// <summary>Loads the model.</summary>
    public LanguageModel Load(Device device) => LanguageModel.Load(Root, device);

    /// <summary>Returns the logits of a prompt.</summary>
    public static float[] Logits(LanguageModel model)
    {
        using var logits = model.Network.Forward([3, 1, 4, 1, 5, 9, 2, 6]);
        return model.Network.Device.Download(logits);
    }

    /// <summary>Returns a tensor of zeros.</summary>
    public static SafetensorsTensor Zeros(string name, params ReadOnlySpan<int> shape) =>
        new(name, DataType.F32, new Shape(shape), (_, piece) => piece.Clear());

    /// <summary>Deletes the folder.</summary>
    public void Dispose() => folder.Dispose();

    void WriteConfig(string fields)
    {
        var config = new JsonObject
        {
            ["model_type"] = "qwen2",
            ["hidden_size"] = Config.HiddenSize,
            ["head_dim"] = Config.HeadSize,
            ["intermediate_size"] = Config.IntermediateSize,
            ["num_hidden_layers"] = Config.LayerCount,
            ["num_attention_heads"] = Config.HeadCount,
            ["num_key_value_heads"] = Config.KeyValueHeadCount,
            ["vocab_size"] = Config.VocabularySize,
            ["tie_word_embeddings"] = Config.TiesEmbeddings,
        };
        foreach (var (name, value) in JsonNode.Parse($"{{{fields}}}")!.AsObject())
            config[name] = value?.DeepClone();
        Write(config.ToJsonString(), "config.json");
    }

    static List<SafetensorsTensor> Read(string folder)
    {
        using var file = SafetensorsFile.Open(System.IO.Path.Combine(folder, "model.safetensors"));
        return
        [
            .. file.Names.Select(name => SafetensorsTensor.Of(
                name, DataType.F32, file.ShapeOf(name), file.Tensor(name).Floats.ToArray())),
        ];
    }
}
