using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>A small model with grouped heads on the CPU, and prompts that differ at one position.</summary>
sealed class PatchingCase : IDisposable
{
    /// <summary>Two orders of summation through three layers; metrics are of size 1 to 10.</summary>
    public const double Tolerance = 1e-4;

    public const int Length = 8;

    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny;

    public PatchingCase(int firstDifference = 3, Qwen2Config? config = null)
    {
        tiny = new(config);
        Model = tiny.On(device);
        Pair = PairOf(firstDifference);
    }

    public Qwen2Model Model { get; }

    public PromptPair Pair { get; }

    public static LogitMetric Metric { get; } = new LogitMetric.Logit(new(11, 12), ^1);

    public DirectPathPatching Paths => new(Model);

    public ActivationPatching Activations => new(Model);

    /// <summary>Makes prompts that differ at one position only; the length as position makes equal prompts.</summary>
    public PromptPair PairOf(int firstDifference)
    {
        int[] clean = tiny.Prompt(Length), corrupted = [.. clean];
        if (firstDifference < Length)
            corrupted[firstDifference] = (clean[firstDifference] + 5) % tiny.Config.VocabularySize;
        return new(clean, corrupted);
    }

    public void Dispose()
    {
        Model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }
}
