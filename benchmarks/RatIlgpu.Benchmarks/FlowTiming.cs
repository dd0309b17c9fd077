using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RatIlgpu.Tracing;

namespace RatIlgpu.Benchmarks;

/// <summary>Times a flow through all layers beside a trace of the last layer of the same prompt, and writes its shares
/// for a peer.</summary>
static class FlowTiming
{
    const int Pairs = 5;

    /// <summary>Runs both by turns, and prints best and median of wall and processor time, and their
    /// ratios.</summary>
    /// <param name="folder">The folder of the checkpoint.</param>
    /// <param name="tokens">The length of the prompt.</param>
    /// <param name="threads">The threads of the device.</param>
    /// <param name="shares">The file for the prompt and the shares of its tokens; null for none.</param>
    public static void Run(string folder, string tokens, string threads, string? shares)
    {
        var length = int.Parse(tokens, CultureInfo.InvariantCulture);
        using var device = new CpuDevice(int.Parse(threads, CultureInfo.InvariantCulture));
        using var model = LanguageModel.Load(folder, device);
        var (network, config) = (model.Network, model.Config);
        int[] ids = [.. Enumerable.Range(0, length).Select(at => (int)((at * 7919L + 13) % config.VocabularySize))];
        var options = new FlowOptions().Resolve(length, config.LayerCount);
        void Trace() => TraceRun.Of(network, ids, new() { Predictions = 0 }, default);
        FoundFlow Flow() => FlowRun.Of(network, ids, [length - 1], options, null, default)[0];

        // What is made once, and compiled, is not timed.
        Trace();
        var found = Flow().Shares;
        if (shares is not null)
            File.WriteAllText(shares, JsonSerializer.Serialize(new { ids, shares = found }));
        var (traces, flows) = (new List<Timed>(), new List<Timed>());
        for (var pair = 0; pair < Pairs; pair++)
        {
            traces.Add(Timed.Of(Trace));
            flows.Add(Timed.Of(() => Flow()));
        }

        Print("trace of the last layer", traces);
        Print("flow through all layers", flows);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ratio of medians {Median(flows, one => one.Wall) / Median(traces, one => one.Wall):F2}, of processor "
            + $"time {Median(flows, one => one.Processor) / Median(traces, one => one.Processor):F2}"));
    }

    static void Print(string what, List<Timed> times) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: best {times.Min(one => one.Wall):F3} s, median {Median(times, one => one.Wall):F3} s; processor best "
        + $"{times.Min(one => one.Processor):F3} s, median {Median(times, one => one.Processor):F3} s"));

    static double Median(List<Timed> times, Func<Timed, double> of) => times.Select(of).Order().ElementAt(Pairs / 2);

    readonly record struct Timed(double Wall, double Processor)
    {
        public static Timed Of(Action run)
        {
            var (processor, wall) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            run();
            return new(wall.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
        }
    }
}
