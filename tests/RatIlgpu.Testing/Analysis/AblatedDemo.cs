using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Weights;

namespace RatIlgpu.Testing;

/// <summary>A folder with the demonstration model, of which one head writes nothing: its columns of the output matrix
/// are 0.</summary>
public sealed class AblatedDemo : IDisposable
{
    readonly TemporaryFolder folder = new();

    /// <summary>Writes the folder.</summary>
    /// <param name="head">The head that writes nothing.</param>
    public AblatedDemo(HeadIndex head)
    {
        folder.Copy(DemoModel.Folder, "config.json", "tokenizer.json", "tokenizer_config.json");
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var (network, output) = (model.Network, Qwen2Layout.NameOf(head.Layer, "self_attn.o_proj.weight"));
        SafetensorsWriter.Write(folder.Path("model.safetensors"), network.Weights.All.Select(weight =>
        {
            var rows = weight.Weight.Shape.Rank == 1 ? 1 : weight.Weight.Shape[0];
            var numbers = network.Rows(weight.Weight, [.. Enumerable.Range(0, rows)]);
            if (weight.Name == output)
                Clear(numbers, rows, model.Config, head.Head);
            return SafetensorsTensor.Of(weight.Name, weight.Weight.DataType, weight.Weight.Shape, numbers);
        }));
    }

    /// <summary>Gets the path of the folder.</summary>
    public string Root => folder.Root;

    /// <summary>Deletes the folder.</summary>
    public void Dispose() => folder.Dispose();

    static void Clear(float[] numbers, int rows, Qwen2Config config, int head)
    {
        for (var row = 0; row < rows; row++)
            numbers.AsSpan((((row * config.HeadCount) + head) * config.HeadSize), config.HeadSize).Clear();
    }
}
