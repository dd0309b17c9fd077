using System.Collections.Immutable;
using System.Globalization;

namespace RatIlgpu.Mutations;

/// <summary>A number of cases, each of which follows from the seed and its own number.</summary>
sealed class MutationRun
{
    const int StuckSeconds = 60;

    // Of a hundred cases, so many change a file of each kind.
    static readonly (string Kind, int Share)[] Shares =
    [
        ("header", 24), ("index", 6), ("config", 22), ("generation", 5), ("tokenizer", 22), ("template", 17),
        ("prompts", 4),
    ];

    readonly ImmutableList<Seed> seeds = RatIlgpu.Mutations.Seed.All();
    readonly Dictionary<string, List<(Seed Seed, string File, Use Use)>> targets;
    readonly Results results = new();
    long next;
    long end = 10_000;
    bool isAlone;
    string keep = Path.Combine("artifacts", "mutations");

    MutationRun() => targets = seeds
        .SelectMany(seed => seed.Targets.Select(target => (seed, target.File, target.Use)))
        .GroupBy(target => KindOf(target.File, target.Use)).ToDictionary(kind => kind.Key, kind => kind.ToList());

    /// <summary>Gets the number that all cases follow from.</summary>
    public int Seed { get; private set; } = 1;

    /// <summary>Gets the number of threads.</summary>
    public int Threads { get; private set; } = Environment.ProcessorCount;

    /// <summary>Reads the words of the command line.</summary>
    public static MutationRun Parse(string[] args)
    {
        var run = new MutationRun();
        foreach (var pair in args.Chunk(2))
        {
            var value = pair.Length == 2 ? pair[1] : throw new ArgumentException($"{pair[0]} needs a value.");
            int Number() => int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
            switch (pair[0])
            {
                case "--count":
                    run.end = Number();
                    break;
                case "--seed":
                    run.Seed = Number();
                    break;
                case "--threads":
                    run.Threads = Number();
                    break;
                case "--case":
                    (run.next, run.end, run.Threads, run.isAlone) = (Number(), Number() + 1, 1, true);
                    break;
                case "--keep":
                    run.keep = value;
                    break;
                default:
                    throw new ArgumentException($"There is no option {pair[0]}.");
            }
        }

        return run;
    }

    /// <summary>Runs all cases.</summary>
    public Results Execute()
    {
        var workers = Enumerable.Range(0, Threads).Select(_ => new Worker(this)).ToList();
        foreach (var worker in workers)
            worker.Thread.Start();
        foreach (var worker in workers)
            while (!worker.Thread.Join(TimeSpan.FromSeconds(1)))
                if (worker.Age > TimeSpan.FromSeconds(StuckSeconds))
                    worker.GiveUp();
        return results;
    }

    // Each thread has a folder for each seed, in memory where the system offers that.
    sealed class Worker
    {
        readonly MutationRun run;
        readonly string root = Directory.CreateDirectory(Path.Combine(
            Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), Path.GetRandomFileName())).FullName;

        long number;
        DateTime start = DateTime.UtcNow;

        public Worker(MutationRun run)
        {
            this.run = run;
            Thread = new(Work) { IsBackground = true };
            foreach (var seed in run.seeds)
            {
                var folder = Directory.CreateDirectory(Path.Combine(root, seed.Name));
                foreach (var (name, content) in seed.Files)
                    File.WriteAllBytes(Path.Combine(folder.FullName, name), content);
            }
        }

        public Thread Thread { get; }

        public TimeSpan Age => DateTime.UtcNow - start;

        // A thread cannot be stopped; its case is the result of the run.
        public void GiveUp()
        {
            Console.Error.WriteLine($"Case {number} of seed {run.Seed} did not end within {StuckSeconds} s.");
            Environment.Exit(1);
        }

        void Work()
        {
            while ((number = Interlocked.Increment(ref run.next) - 1) < run.end)
            {
                start = DateTime.UtcNow;
                var random = new Random(unchecked(run.Seed * 1_000_003 + (int)number));
                var targets = run.targets[Pick(random.Next(100))];
                var (seed, file, use) = targets[random.Next(targets.Count)];
                var (folder, sound) = (Path.Combine(root, seed.Name), seed.Files[file]);
                var path = Path.Combine(folder, file);
                // A new file each time: one that is still mapped must not change.
                File.Delete(path);
                File.WriteAllBytes(path, Mutation.Of(file, sound, random));
                var outcome = Trial.Of(folder, file, use);
                run.results.Add(file, number, outcome);
                if (outcome.Fault is not null || run.isAlone)
                    run.Keep(number, folder, outcome.Fault ?? "none");
                File.Delete(path);
                File.WriteAllBytes(path, sound);
            }

            Directory.Delete(root, recursive: true);
        }
    }

    static string Pick(int at)
    {
        foreach (var (kind, share) in Shares)
            if ((at -= share) < 0)
                return kind;
        throw new InvalidOperationException("The shares are of a hundred.");
    }

    static string KindOf(string file, Use use) => use switch
    {
        Use.Prompts => "prompts",
        Use.Template => "template",
        Use.Tokenizer => "tokenizer",
        _ when file.EndsWith(".safetensors", StringComparison.Ordinal) => "header",
        _ when file.EndsWith("index.json", StringComparison.Ordinal) => "index",
        _ when file.StartsWith("generation", StringComparison.Ordinal) => "generation",
        _ => "config",
    };

    void Keep(long number, string folder, string fault)
    {
        var kept = Directory.CreateDirectory(Path.Combine(keep, $"{Seed}-{number}")).FullName;
        foreach (var file in Directory.GetFiles(folder))
            File.Copy(file, Path.Combine(kept, Path.GetFileName(file)), overwrite: true);
        File.WriteAllText(Path.Combine(kept, "fault.txt"), fault);
    }
}
