using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

/// <summary>Two small models without tokenizers, of which the second can be changed, on one device.</summary>
sealed class TinyPair : IDisposable
{
    readonly Device device;
    readonly TinyQwen2 a;
    readonly TinyQwen2 b;

    public TinyPair(
        Action<string, float[]>? change = null,
        Qwen2Config? config = null,
        DataType formatA = DataType.F32,
        DataType formatB = DataType.F32,
        Qwen2Config? configB = null,
        Device? on = null)
    {
        device = on ?? new CpuDevice();
        (a, b) = (new(config, format: formatA), new(configB ?? config, format: formatB, change: change));
        (A, B) = (Load(a), Load(b));
    }

    public LanguageModel A { get; }

    public LanguageModel B { get; }

    public Qwen2Config Config => A.Config;

    public CheckpointDiff Read(DiffOptions? options = null) =>
        new CheckpointDiffer(A, B).Read(options ?? new() { RunsTexts = false });

    public CheckpointDiff ReadBack(DiffOptions options) => new CheckpointDiffer(B, A).Read(options);

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        a.Dispose();
        b.Dispose();
        device.Dispose();
    }

    LanguageModel Load(TinyQwen2 model)
    {
        File.WriteAllText(Path.Combine(model.Folder, "config.json"), TinyQwen2.Json(model.Config));
        return LanguageModel.Load(model.Folder, device);
    }
}
