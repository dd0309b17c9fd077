using System.Text.Json;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Testing;

/// <summary>The small model and the float64 results of <c>tests/reference/attribution_oracle.py</c>.</summary>
public sealed class AttributionFixture : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly Checkpoint checkpoint;
    readonly JsonDocument results;

    /// <summary>Makes the checkpoint: the same draws in the same order as the reference.</summary>
    public AttributionFixture()
    {
        results = JsonDocument.Parse(File.ReadAllText(Repository.Path("tests/reference/attribution_fixture.json")));
        SafetensorsWriter.Write(folder.Path("model.safetensors"), Weights());
        checkpoint = Checkpoint.Open(folder.Root);
    }

    /// <summary>Gets the sizes.</summary>
    public static Qwen2Config Config { get; } = new()
    {
        HiddenSize = 16,
        IntermediateSize = 24,
        LayerCount = 3,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadSize = 4,
        VocabularySize = 23,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 10000,
        TiesEmbeddings = false,
        MaxPositions = 1024,
    };

    /// <summary>Gets the clean prompt.</summary>
    public static ImmutableArray<int> Clean { get; } = [3, 7, 11, 2, 7, 11, 5];

    /// <summary>Gets the corrupted prompt.</summary>
    public static ImmutableArray<int> Corrupted { get; } = [3, 7, 11, 9, 7, 11, 5];

    /// <summary>Gets the prompt of the head scores.</summary>
    public static ImmutableArray<int> Repeated { get; } = [1, 6, 9, 12, 6, 9, 12];

    /// <summary>The token whose logit is explained.</summary>
    public const int Answer = 4;

    /// <summary>The token it is compared with.</summary>
    public const int Foil = 13;

    /// <summary>Gets the reference's results.</summary>
    public JsonElement Results => results.RootElement;

    /// <summary>Puts the model on a device.</summary>
    public Qwen2Model On(Device device) => new(Config, checkpoint, device);

    /// <summary>Deletes the checkpoint.</summary>
    public void Dispose()
    {
        checkpoint.Dispose();
        folder.Dispose();
        results.Dispose();
    }

    // The reference draws in the order of the layout.
    static IEnumerable<SafetensorsTensor> Weights()
    {
        var state = 20240607UL;
        foreach (var (name, shape) in Qwen2Layout.Tensors(Config))
        {
            var (mean, spread) = name switch
            {
                "model.embed_tokens.weight" => (0, 1.0),
                "lm_head.weight" => (0, 0.7),
                _ when name.EndsWith("norm.weight", StringComparison.Ordinal) => (1, 0.4),
                _ when name.Contains("down_proj", StringComparison.Ordinal) => (0, 0.4),
                _ => (0, 0.5),
            };
            var numbers = new double[shape.Count];
            for (var i = 0; i < numbers.Length; i++)
                numbers[i] = mean + spread * Next();
            yield return SafetensorsTensor.Of(name, DataType.F32, shape, numbers);
        }

        // SplitMix64; the top 53 bits, from −1 to 1.
        double Next()
        {
            var z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            return (z >> 11) * Math.Pow(2, -52) - 1;
        }
    }
}
