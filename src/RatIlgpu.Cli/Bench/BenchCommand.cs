using System.Diagnostics;
using System.Numerics.Tensors;
using RatIlgpu.Cli.Options;
using RatIlgpu.Devices;
using RatIlgpu.Ilgpu;
using RatIlgpu.Verification;

namespace RatIlgpu.Cli.Bench;

/// <summary>Times the work of a random model of a published shape.</summary>
sealed class BenchCommand : TerminalCommand
{
    readonly CliOptions options;

    public BenchCommand(Terminal terminal, CliOptions options)
        : base("bench", "Time traces, forward passes or written tokens of a model with random weights.", terminal)
    {
        this.options = options;
        AddAll(
            options.Shape, options.Work, options.Tokens, options.Layers, options.Repeats, options.Profile,
            options.Cache, options.Device, options.Threads, options.Dtype, options.Json);
        Defaults[options.Layers] = "the middle one and the last";
    }

    /// <summary>Gets the folder of random checkpoints unless another is asked for.</summary>
    public static string DefaultCache => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            // Empty if there is no home folder.
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
                ? Path.Combine(home, ".cache")
                : Path.GetTempPath(),
        "ratilgpu");

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("Traces of four lengths, of a model of the shape of Qwen2-0.5B:", ""),
        ("The last layer alone, short prompts, one thread:", "--layers -1 --tokens 4,16 --threads 1"),
        ("Whole forward passes, for programs:", "--work full --json -"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, options), new JsonOutput(parsed, options, Terminal));
        var (name, count) = (parsed.Get(options.Shape)!, parsed.Get(options.Repeats));
        var config = BenchShape.Find(name);
        var plan = new BenchPlan(
            parsed.Get(options.Work), parsed.Get(options.Tokens),
            parsed.Get(options.Layers)?.Resolve(
                config.LayerCount, "--layers", $"a model of {config.LayerCount} layers"));
        plan.Check(config);
        var (cache, profiles) = (parsed.Get(options.Cache)!, parsed.Get(options.Profile));
        if (profiles && model.Device is "auto" or "cpu" or "plain")
            throw new UsageException(
                $"--profile times the kernels of ILGPU's devices; --device is '{model.Device}', expected one of "
                + "those.");
        return cancellation =>
        {
            // The device is opened before gigabytes of weights are written for it.
            json.Try();
            using var device = model.OpenDevice(() => RandomCheckpoint.WeightBytes(config));
            var folder = RandomCheckpoint.Make(name, config, cache, Terminal, cancellation);
            using var checkpoint = RandomCheckpoint.Open(folder);
            using var network = new Qwen2Model(Qwen2Config.Read(folder), checkpoint, device);

            var tasks = plan.Tasks(network, cancellation).ToArray();
            Explained(network, cancellation, tasks[0].Run);
            var first = DateTime.Now - Process.GetCurrentProcess().StartTime;
            // A trace is refused by itself where its attention is no number. It does not touch the other weights, whose
            // pages would count as its memory.
            if (plan.Work != BenchWork.Trace)
                Check(network, cancellation);
            var rows = tasks.Select(task =>
            {
                BenchRow? row = null;
                Explained(network, cancellation, () => row = Time(task, count, profiles));
                return row!;
            });
            BenchReport.Print(new(name, device, Peak(device, model.Threads), first.TotalSeconds, rows), json);
            return 0;
        };
    }

    // What fails is explained by the weights, if they are not finite.
    static void Explained(Qwen2Model model, CancellationToken cancellation, Action work)
    {
        try
        {
            work();
        }
        catch (Exception fault) when (fault is ArithmeticException or ArgumentException)
        {
            Check(model, cancellation);
            throw;
        }
    }

    // A damaged file of weights would be timed all the same.
    static void Check(Qwen2Model model, CancellationToken cancellation)
    {
        var prompt = new BatchPrompt([0]);
        using var logits = model.Forward(prompt.Ids, new() { Cancellation = cancellation });
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(model.Device.Download(logits))))
            throw new ArithmeticException(
                $"The logits are not numbers. {FiniteCheck.CauseOf(model, [prompt], cancellation)}");
    }

    // Of the processor; null where the device is another.
    static double? Peak(Device device, int threads)
    {
        if (device.Name is not ("cpu" or "plain" or "ilgpu-cpu"))
            return null;
        using var processor = new CpuDevice(threads, SimdLevels.Widest);
        return processor.MeasurePeak();
    }

    static BenchRow Time(BenchTask task, int repeats, bool profiles)
    {
        using var timed = task;
        task.Run();
        var seconds = new List<double>();
        while (seconds.Count < repeats)
        {
            var watch = Stopwatch.StartNew();
            task.Run();
            seconds.Add(watch.Elapsed.TotalSeconds);
        }

        seconds.Sort();
        var row = new BenchRow(task, seconds[repeats / 2], seconds[0], Memory.PrivateBytes(), Memory.PeakBytes());
        return profiles ? row with { Kernels = Profile(task) } : row;
    }

    static ImmutableArray<KernelTime> Profile(BenchTask task)
    {
        using var profile = KernelProfile.Start();
        task.Run();
        return profile.Times();
    }
}

/// <summary>The work that is timed.</summary>
enum BenchWork
{
    /// <summary>A trace of one layer.</summary>
    Trace,

    /// <summary>A forward pass that keeps all patterns and logits.</summary>
    Full,

    /// <summary>A forward pass with the logits of the last position alone, as a prediction runs it.</summary>
    Last,

    /// <summary>Tokens written one by one after a prompt.</summary>
    Decode,
}

/// <summary>What a bench times.</summary>
/// <param name="Work">The work.</param>
/// <param name="Lengths">The lengths of the prompts.</param>
/// <param name="Layers">The layers to trace; null for the middle one and the last.</param>
sealed record BenchPlan(BenchWork Work, ImmutableArray<int> Lengths, ImmutableArray<int>? Layers)
{
    /// <summary>Refuses what the model cannot do.</summary>
    /// <exception cref="UsageException">A length or a layer does not fit.</exception>
    public void Check(Qwen2Config config)
    {
        var most = config.MaxPositions - (Work == BenchWork.Decode ? Decoding.NewTokens : 0);
        foreach (var length in Lengths)
            if (length < 1 || length > most)
                throw new UsageException($"--tokens has {length}, expected 1 to {most}.");
        if (Work != BenchWork.Trace && Layers is not null)
            throw new UsageException(
                $"--layers says which layers to trace; --work {Words.Of(Work)} runs all of them.");
    }

    /// <summary>Returns the pieces of work.</summary>
    public IEnumerable<BenchTask> Tasks(Qwen2Model model, CancellationToken cancellation)
    {
        if (Work == BenchWork.Full)
            return Lengths.Select(length => BenchTask.Full(model, length, cancellation));
        if (Work == BenchWork.Last)
            return Lengths.Select(length => BenchTask.Last(model, length, cancellation));
        if (Work == BenchWork.Decode)
            return Lengths.Select(length => BenchTask.Decode(model, length, cancellation));
        var layers = Layers ?? [model.Config.LayerCount / 2, model.Config.LayerCount - 1];
        return from length in Lengths from layer in layers select BenchTask.Trace(model, length, layer, cancellation);
    }
}
