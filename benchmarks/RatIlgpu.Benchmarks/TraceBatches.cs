using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using RatIlgpu.Models;
using RatIlgpu.Text;

namespace RatIlgpu.Benchmarks;

/// <summary>Times the traces of several prompts together and one by one, in pairs.</summary>
/// <remarks>The two ways of a pair run right after each other, and the first of a pair is the second of the next: a
/// machine that becomes slower or faster favours neither. The program fails if a result differs.</remarks>
static class TraceBatches
{
    /// <summary>Runs the pairs and prints a line for each, and the medians.</summary>
    /// <param name="args">The folder of a checkpoint; then the numbers of prompts, of tokens of each prompt and of
    /// pairs.</param>
    public static void Run(ReadOnlySpan<string> args)
    {
        if (args.IsEmpty)
            throw new ArgumentException("No folder was given after 'traces', expected that of a checkpoint.");
        var folder = args[0];
        var (prompts, tokens, pairs) = (Number(args, 1, 100), Number(args, 2, 64), Number(args, 3, 6));
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(folder, device, new Numbered(Qwen2Config.Read(folder).VocabularySize));
        var tracer = new ReverseAttentionTracer(model);
        var batch = Prompts(prompts, tokens, model.Config.VocabularySize);
        Print($"{model.Name}, {device.Name}: the last layer, {prompts} prompts of {tokens} tokens");
        Print($"pair  together s  one by one s  ratio  CPU ratio");

        // Compiles the code and reads the weights.
        Check(Together(tracer, batch[..Math.Min(prompts, 2)]), OneByOne(tracer, batch[..Math.Min(prompts, 2)]));
        var ratios = new List<(double Wall, double Cpu)>();
        for (var pair = 1; pair <= pairs; pair++)
        {
            Timed together, single;
            if (pair % 2 == 1)
                (together, single) = (Time(Together, tracer, batch), Time(OneByOne, tracer, batch));
            else
                (single, together) = (Time(OneByOne, tracer, batch), Time(Together, tracer, batch));
            Check(together.Traces, single.Traces);
            ratios.Add((together.Wall / single.Wall, together.Cpu / single.Cpu));
            Print(
                $"{pair,4}  {together.Wall,10:F3}  {single.Wall,12:F3}  {ratios[^1].Wall,5:F3}  {ratios[^1].Cpu,9:F3}");
        }

        var (wall, cpu) = (Median(ratios.Select(one => one.Wall)), Median(ratios.Select(one => one.Cpu)));
        Print($"median of the ratios: {wall:F3}, of the CPU ratios: {cpu:F3}");
    }

    static ImmutableArray<TracePrompt> Prompts(int count, int tokens, int vocabulary)
    {
        var random = new Random(1);
        return
        [
            .. Enumerable.Range(0, count).Select(
                _ => new TracePrompt([.. Enumerable.Range(0, tokens).Select(_ => random.Next(vocabulary))])),
        ];
    }

    static List<TraceResult> Together(ReverseAttentionTracer tracer, ImmutableArray<TracePrompt> prompts) =>
        [.. tracer.TraceAll(prompts).Select(traces => traces[0])];

    static List<TraceResult> OneByOne(ReverseAttentionTracer tracer, ImmutableArray<TracePrompt> prompts) =>
        [.. prompts.Select((prompt, index) => tracer.Trace(prompt.Ids) with { Prompt = index })];

    static Timed Time(
        Func<ReverseAttentionTracer, ImmutableArray<TracePrompt>, List<TraceResult>> work,
        ReverseAttentionTracer tracer,
        ImmutableArray<TracePrompt> prompts)
    {
        using var process = Process.GetCurrentProcess();
        var (cpu, watch) = (process.TotalProcessorTime, Stopwatch.StartNew());
        var traces = work(tracer, prompts);
        watch.Stop();
        process.Refresh();
        return new(traces, watch.Elapsed.TotalSeconds, (process.TotalProcessorTime - cpu).TotalSeconds);
    }

    static void Check(List<TraceResult> together, List<TraceResult> single)
    {
        if (!together.SequenceEqual(single))
            throw new InvalidOperationException("A trace of a batch differs from the trace alone.");
    }

    static double Median(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    static int Number(ReadOnlySpan<string> args, int place, int otherwise)
    {
        if (args.Length <= place)
            return otherwise;
        return int.TryParse(args[place], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"'{args[place]}' was found, expected a number from 1.");
    }

    static void Print(FormattableString line) => Console.WriteLine(FormattableString.Invariant(line));

    sealed record Timed(List<TraceResult> Traces, double Wall, double Cpu);

    /// <summary>A tokenizer for checkpoints of random weights: the text of a token is its id.</summary>
    sealed class Numbered(int count) : Tokenizer
    {
        public override int Count => count;

        public override int? EosTokenId => null;

        public override TokenizedText Encode(string text) => throw new NotSupportedException("Prompts are ids.");

        protected override ReadOnlySpan<byte> Bytes(int id) =>
            (uint)id < (uint)count ? Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture)) : default;
    }
}
