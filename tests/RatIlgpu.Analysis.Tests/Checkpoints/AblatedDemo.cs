using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

/// <summary>The demonstration model, and a folder with the same of which one head writes nothing.</summary>
public sealed class AblatedDemo : IDisposable
{
    readonly CpuDevice device = new();
    readonly TemporaryFolder folder = new();

    public AblatedDemo()
    {
        A = LanguageModel.Load(DemoModel.Folder, device);
        Write(folder, A, new(1, 0));
        B = LanguageModel.Load(folder.Root, device);
    }

    public LanguageModel A { get; }

    public LanguageModel B { get; }

    /// <summary>Writes the folder of a model of which one head writes nothing.</summary>
    public static void Write(TemporaryFolder folder, LanguageModel model, HeadIndex head)
    {
        foreach (var name in (string[])["config.json", "tokenizer.json", "tokenizer_config.json"])
            folder.Copy(DemoModel.Folder, name);
        var (config, output) = (model.Config, Qwen2Layout.NameOf(head.Layer, "self_attn.o_proj.weight"));
        SafetensorsWriter.Write(folder.Path("model.safetensors"), model.Network.Weights.All.Select(weight =>
        {
            var numbers = model.Network.Rows(weight.Weight, Rows(weight.Weight));
            if (weight.Name == output)
                for (var row = 0; row < config.HiddenSize; row++)
                    numbers.AsSpan(
                        (row * config.HeadCount * config.HeadSize) + (head.Head * config.HeadSize), config.HeadSize)
                        .Clear();
            return SafetensorsTensor.Of(weight.Name, DataType.BF16, weight.Weight.Shape, numbers);
        }));

        static int[] Rows(Tensor weight) =>
            [.. Enumerable.Range(0, weight.Shape.Rank == 1 ? 1 : weight.Shape[0])];
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        device.Dispose();
        folder.Dispose();
    }
}
