using System.Diagnostics;
using System.Globalization;
using RatIlgpu.Models;
using RatIlgpu.Weights;

namespace RatIlgpu.Benchmarks;

/// <summary>Times the forward pass of a prompt alone, in a process that does nothing else.</summary>
static class ForwardAlone
{
    /// <summary>Runs a checkpoint once over random tokens, with logits at the last position, and prints the
    /// seconds.</summary>
    /// <param name="folder">The folder of the checkpoint.</param>
    /// <param name="tokens">The number of tokens.</param>
    public static void Run(string folder, string tokens)
    {
        var count = int.Parse(tokens, CultureInfo.InvariantCulture);
        using var device = new CpuDevice();
        using var checkpoint = Checkpoint.Open(folder);
        using var model = new Qwen2Model(Qwen2Config.Read(folder), checkpoint, device);
        var random = new Random(1);
        int[] ids = [.. Enumerable.Range(0, count).Select(_ => random.Next(model.Config.VocabularySize))];
        using var process = Process.GetCurrentProcess();
        var (cpu, watch) = (process.TotalProcessorTime, Stopwatch.StartNew());
        model.Forward(ids, new() { LogitCount = 1 }).Dispose();
        watch.Stop();
        process.Refresh();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{watch.Elapsed.TotalSeconds:F3} {(process.TotalProcessorTime - cpu).TotalSeconds:F3}"));
    }
}
