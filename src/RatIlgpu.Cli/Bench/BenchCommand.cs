using System.CommandLine;
using RatIlgpu.Models;
using RatIlgpu.Tracing;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Bench;

/// <summary>Times whole traces of a random model of a published shape.</summary>
sealed class BenchCommand
{
    readonly ModelOptions models = new();
    readonly Terminal terminal;

    readonly Option<string> shape = new("--shape")
    {
        Description = $"The shape of the model: {string.Join(", ", BenchShape.Names)}.",
        HelpName = "name",
        DefaultValueFactory = _ => "qwen2-0.5b",
    };

    readonly Option<int[]> lengths = new("--tokens")
    {
        Description = "The lengths of the prompts. Default: 16 64 256 1024.",
        HelpName = "n",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [16, 64, 256, 1024],
    };

    readonly Option<int[]> layers = new("--layers")
    {
        Description = "The layers to trace; negative ones count from the end. Default: the middle one and the last.",
        HelpName = "layer",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    readonly Option<int> repeats = new("--repeats")
    {
        Description = "How many traces are timed, after one that is not.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    readonly Option<string> cache = new("--cache")
    {
        Description = "Where the random checkpoint is kept. Default: ratilgpu in the user's cache folder.",
        HelpName = "folder",
        DefaultValueFactory = _ => DefaultCache,
    };

    readonly Option<bool> json = new("--json") { Description = "Print JSON instead of a table." };

    BenchCommand(Terminal terminal) => this.terminal = terminal;

    static string DefaultCache => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "ratilgpu");

    public static Command Create(Terminal terminal)
    {
        var bench = new BenchCommand(terminal);
        var command = new Command("bench", "Time whole traces of a model with random weights.")
        {
            bench.shape, bench.lengths, bench.layers, bench.repeats, bench.cache, bench.json,
            bench.models.Device, bench.models.Threads,
        };
        command.SetAction((parsed, cancellation) =>
        {
            bench.Run(parsed, cancellation);
            return Task.CompletedTask;
        });
        return command;
    }

    void Run(ParseResult parsed, CancellationToken cancellation)
    {
        var (name, count) = (parsed.GetValue(shape)!, parsed.GetValue(repeats));
        if (count < 1)
            throw new UsageException($"--repeats is {count}, expected at least 1.");
        if (parsed.GetValue(lengths)!.FirstOrDefault(length => length < 1) is var wrong && wrong != 0)
            throw new UsageException($"--tokens has {wrong}, expected at least 1.");
        var config = BenchShape.Find(name);
        var folder = RandomCheckpoint.Make(name, config, parsed.GetValue(cache)!);
        using var device = models.OpenDevice(parsed, folder);
        using var checkpoint = Checkpoint.Open(folder);
        using var model = new Qwen2Model(Qwen2Config.Read(folder), checkpoint, device);
        var threads = parsed.GetValue(models.Threads);
        var peak = FmaPeak.Measure(threads > 0 ? threads : Environment.ProcessorCount);
        int[] chosen = parsed.GetValue(layers) is { Length: > 0 } given ? given : [config.LayerCount / 2, -1];
        var traces =
            from length in parsed.GetValue(lengths)!
            from layer in chosen
            select (Length: length, Options: Resolve(config, length, layer));

        // Whatever is wrong with them is said before the first line is printed.
        var rows = traces.ToArray().Select(trace => Time(model, trace.Length, trace.Options, count, cancellation));
        BenchReport.Print(name, device, peak, rows, parsed.GetValue(json), terminal.Output);
    }

    static BenchRow Time(
        Qwen2Model model, int length, TraceOptions options, int repeats, CancellationToken cancellation)
    {
        var ids = Prompt(length, model.Config.VocabularySize);
        Trace();
        var seconds = new double[repeats];
        foreach (ref var time in seconds.AsSpan())
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            Trace();
            time = watch.Elapsed.TotalSeconds;
        }

        Array.Sort(seconds);
        return new BenchRow(
            length, options.Layer, seconds[repeats / 2], seconds[0], Work.OfTrace(model.Config, length, options.Layer),
            Memory.PrivateBytes(), Memory.PeakBytes());

        void Trace()
        {
            using var attention = LayerAttention.Of(
                model, ids, options.Layer, options.Heads, cancellation: cancellation);
            BeamSearch.Search(attention, options.TargetPosition, options, null, cancellation);
        }
    }

    static TraceOptions Resolve(Qwen2Config config, int length, int layer) =>
        new TraceOptions { Layer = layer }.Resolve(length, config.LayerCount, config.HeadCount);

    static int[] Prompt(int length, int vocabulary) =>
        [.. Enumerable.Range(0, length).Select(position => (int)((position * 7919L + 13) % vocabulary))];
}
