using System.Diagnostics;
using RatIlgpu.Devices;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Bench;

/// <summary>Times whole traces of a random model of a published shape.</summary>
sealed class BenchCommand : ModelCommand
{
    readonly CliOption<string> shape = new(
        "--shape", "name", $"The shape of the model: {string.Join(", ", BenchShape.Names)}.", "qwen2-0.5b");

    readonly CliOption<string> work = new("--work", "work",
        "What is timed: trace, a trace of a layer; or full, a forward pass that keeps the patterns of "
            + "all layers and the logits of all positions.",
        "trace");

    // The help would show a default list as 16|64|256|1024, which the option does not accept.
    static readonly int[] UsualLengths = [16, 64, 256, 1024];

    readonly CliOption<int[]> lengths = new("--tokens", "n",
        $"The lengths of the prompts. Default: {string.Join(' ', UsualLengths)}.")
    {
        AllowMultipleArgumentsPerToken = true,
    };

    readonly CliOption<int[]> layers = new("--layers", "layer",
        "The layers to trace; negative ones count from the end. Default: the middle one and the last.", [])
    {
        AllowMultipleArgumentsPerToken = true,
    };

    readonly CliOption<int> repeats = new("--repeats", "n", "How many traces are timed, after one that is not.", 5);

    readonly CliOption<string> cache = new("--cache", "folder", "Where the random checkpoint is kept.", DefaultCache);

    readonly CliOption<bool> json = new("--json", "Print JSON instead of a table.");

    static string DefaultCache => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "ratilgpu");

    public BenchCommand(Terminal terminal)
        : base("bench", "Time whole traces of a model with random weights.", terminal) =>
        AddAll(shape, work, lengths, layers, repeats, cache, json, Models.Device, Models.Threads);

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var (name, count) = (parsed.GetValue(shape)!, parsed.GetValue(repeats));
        if (count < 1)
            throw new UsageException($"--repeats is {count}, expected at least 1.");
        var config = BenchShape.Find(name);
        foreach (var length in Lengths(parsed))
            if (length < 1 || length > config.MaxPositions)
                throw new UsageException($"--tokens has {length}, expected 1 to {config.MaxPositions}.");
        CheckWork(parsed);

        // The device is opened before gigabytes of weights are written for it.
        using var device = Models.OpenDevice(parsed, () => RandomCheckpoint.WeightBytes(config));
        var folder = RandomCheckpoint.Make(name, config, parsed.GetValue(cache)!, Terminal, cancellation);
        using var checkpoint = Checkpoint.Open(folder);
        using var model = new Qwen2Model(Qwen2Config.Read(folder), checkpoint, device);

        // All tasks are made, and wrong lengths or layers refused, before the first is timed.
        var tasks = Tasks(parsed, model, cancellation).ToArray();
        tasks[0].Run();
        var first = DateTime.Now - Process.GetCurrentProcess().StartTime;
        var peak = Peak(parsed.GetValue(Models.Threads));
        var run = new BenchRun(name, device, peak, first.TotalSeconds, tasks.Select(task => Time(task, count)));
        BenchReport.Print(run, parsed.GetValue(json), Terminal.Output);
        return 0;
    }

    static double Peak(int threads)
    {
        using var processor = new CpuDevice(threads, SimdLevels.Widest);
        return processor.MeasurePeak();
    }

    int[] Lengths(ParseResult parsed) => parsed.GetValue(lengths) is { Length: > 0 } given ? given : UsualLengths;

    void CheckWork(ParseResult parsed)
    {
        var kind = parsed.GetValue(work)!;
        if (kind is not ("trace" or "full"))
            throw new UsageException($"--work is '{kind}', expected trace or full.");
        if (kind == "full" && parsed.GetValue(layers)!.Length > 0)
            throw new UsageException("--layers says which layers to trace; --work full runs all of them.");
    }

    IEnumerable<BenchTask> Tasks(ParseResult parsed, Qwen2Model model, CancellationToken cancellation)
    {
        var (kind, tokens, asked) = (parsed.GetValue(work)!, Lengths(parsed), parsed.GetValue(layers)!);
        if (kind == "trace")
            return
                from length in tokens
                from layer in asked is { Length: > 0 } ? asked : [model.Config.LayerCount / 2, -1]
                select BenchTask.Trace(model, length, layer, cancellation);
        return tokens.Select(length => BenchTask.Full(model, length, cancellation));
    }

    static BenchRow Time(BenchTask task, int repeats)
    {
        task.Run();
        var seconds = new List<double>();
        while (seconds.Count < repeats)
        {
            var watch = Stopwatch.StartNew();
            task.Run();
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        seconds.Sort();
        return new BenchRow(task, seconds[repeats / 2], seconds[0], Memory.PrivateBytes(), Memory.PeakBytes());
    }
}
