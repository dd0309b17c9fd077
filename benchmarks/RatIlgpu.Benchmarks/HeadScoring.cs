using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Models;

namespace RatIlgpu.Benchmarks;

/// <summary>Times the scores of all heads beside the bare forward passes of the same sequences.</summary>
static class HeadScoring
{
    /// <summary>Runs the sequences of an atlas batch by batch, bare and scored by turns, and prints the seconds of both
    /// and their ratio.</summary>
    /// <param name="folder">The folder of the checkpoint, with a tokenizer.</param>
    /// <param name="share">One part in how many of the default sequences is run, such as 4 for a quarter.</param>
    /// <param name="sequences">The file for the sequences, which a peer reads; null for none.</param>
    public static void Run(string folder, string share, string? sequences)
    {
        var (part, options) = (int.Parse(share, CultureInfo.InvariantCulture), new AtlasOptions());
        options = options with
        {
            Documents = options.Documents / part,
            RepeatSequences = options.RepeatSequences / part,
            SuccessorPrompts = options.SuccessorPrompts / part,
            IndirectObjectPrompts = options.IndirectObjectPrompts / part,
        };
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(folder, device);
        var plan = new AtlasPlan(model.Tokenizer, model.Config, options);
        AtlasUnit[] units = [.. plan.Units(AtlasShard.Whole)];
        if (sequences is not null)
            Write(units, sequences);
        var sums = new AtlasSums(model.Config);
        using var scorer = new AtlasScorer(model.Network, plan);
        var (bare, scored) = (new Clock(), new Clock());
        // What is made once, and compiled, is not timed.
        scorer.Run([units[0]], new(model.Config), default);
        Bare(model.Network, [units[0]]);
        foreach (var (number, batch) in AtlasScorer.Batches(units).Index())
            if (number % 2 == 0)
            {
                bare.Time(() => Bare(model.Network, batch));
                scored.Time(() => scorer.Run(batch, sums, default));
            }
            else
            {
                scored.Time(() => scorer.Run(batch, sums, default));
                bare.Time(() => Bare(model.Network, batch));
            }

        var tokens = units.Sum(unit => unit.Sequences.Sum(sequence => sequence.Ids.Length));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{units.Length} units, {tokens} tokens; bare {bare}, scored {scored}; ratio "
            + $"{scored.Wall / bare.Wall:F3}, of processor time {scored.Processor / bare.Processor:F3}; private "
            + $"{PrivateMegabytes()} MB"));
    }

    static void Bare(Qwen2Model model, IReadOnlyList<AtlasUnit> batch) => model.RunAll(
        [.. batch.SelectMany(unit => unit.Sequences).Select(sequence => new BatchPrompt(sequence.Ids))],
        new() { LogitCount = 0 });

    static void Write(AtlasUnit[] units, string path) => File.WriteAllText(path, JsonSerializer.Serialize(
        units.Select(unit => new
        {
            pass = unit.Pass.ToString(),
            sequences = unit.Sequences.Select(sequence => sequence.Ids.Items),
        })));

    // What no file backs: the weights are mapped.
    static long PrivateMegabytes() => File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("RssAnon", StringComparison.Ordinal))
        .Select(line => long.Parse(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1000)
        .FirstOrDefault();

    sealed class Clock
    {
        public TimeSpan Wall { get; private set; }

        public TimeSpan Processor { get; private set; }

        public void Time(Action run)
        {
            var (processor, wall) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            run();
            (Wall, Processor) = (Wall + wall.Elapsed, Processor + (Environment.CpuUsage.TotalTime - processor));
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Wall.TotalSeconds:F2} s ({Processor.TotalSeconds:F2} s of processors)");
    }
}
