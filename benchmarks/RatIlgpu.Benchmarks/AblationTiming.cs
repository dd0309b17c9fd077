using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RatIlgpu.Analysis;

namespace RatIlgpu.Benchmarks;

/// <summary>Times the default ablation study, and writes its samples for a peer.</summary>
static class AblationTiming
{
    const int Tokens = 128;

    /// <summary>Runs a study of all heads of a layer and prints its seconds, and the mean divergence and share of
    /// changed predictions, which a peer prints, too.</summary>
    /// <param name="folder">The folder of the checkpoint, with a tokenizer.</param>
    /// <param name="count">The number of samples; that of the default study is 10.</param>
    /// <param name="samples">The file for the samples.</param>
    /// <param name="layer">The layer; null for the last but one.</param>
    public static void Run(string folder, string count, string samples, string? layer)
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(folder, device);
        var drawn = AblationSample.Draw(
            new(model.Tokenizer, model.Config.VocabularySize, new() { Most = Tokens }), TextCorpus.BuiltIn,
            int.Parse(count, CultureInfo.InvariantCulture));
        File.WriteAllText(samples, JsonSerializer.Serialize(
            drawn.Select(sample => new { ids = sample.Ids.Items, position = sample.Position })));
        var options = new AblationOptions
        {
            Layer = layer is null ? null : int.Parse(layer, CultureInfo.InvariantCulture),
            ShownSamples = 0,
        };
        // What is compiled and paged in once is not timed.
        model.Network.Run(drawn[0].Ids.AsSpan(), new() { LogitCount = 1 });
        var (processor, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
        var report = AblationStudy.Run(model.Network, drawn, options);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{drawn.Length} samples, {report.Conditions.Length} conditions: {clock.Elapsed.TotalSeconds:F2} s ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"({(Environment.CpuUsage.TotalTime - processor).TotalSeconds:F2} s of processors); divergence ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Conditions.Average(one => one.Divergence.Mean):G6}, changed ")
            + string.Create(
                CultureInfo.InvariantCulture, $"{report.Conditions.Average(one => one.Changed.Mean):G6}"));
    }
}
