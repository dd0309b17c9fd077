using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>Where <c>--record</c> writes: one file for each run.</summary>
/// <param name="Path">The file; null where nothing is recorded.</param>
sealed record RecordingFiles(string? Path)
{
    /// <summary>Reads the option.</summary>
    public static RecordingFiles Read(ParseResult parsed, CliOptions options) => new(parsed.Get(options.Record));

    /// <summary>Returns the parts that tell the files of several runs apart, such as <c>-1</c>; one empty part for a
    /// single run.</summary>
    public static ImmutableArray<string> Suffixes(int count) => count == 1
        ? [""]
        : [.. Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"-{number}"))];

    /// <summary>Returns runs with the parts of <see cref="Suffixes"/>.</summary>
    public static IReadOnlyList<(string Suffix, Recording Run)> Numbered(IReadOnlyList<Recording> runs) =>
        [.. Suffixes(runs.Count).Zip(runs)];

    /// <summary>Reads a recording.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file holds no recording, or a number that is not finite.</exception>
    public static Recording Load(string file)
    {
        try
        {
            var run = Recording.Load(file);
            return run.NotFinite() is not { } fault
                ? run
                : throw new InvalidDataException(
                    $"{file}: {fault}, expected finite numbers: the file is damaged, or a number of the recorded run "
                    + "grew beyond F32.");
        }
        catch (FileNotFoundException missing) when (OfSeveral(file) is [_, ..] all)
        {
            var names = all.Length < 5 ? string.Join(',', all) : $"{all[0]} and so on to {all[^1]}";
            throw new FileNotFoundException(
                $"{file}: there is no such file, and --record writes one for each run; give --from-recording {names}.",
                missing);
        }
    }

    // The files that --record has written of several runs under one name: of prompts, of a pair, or of pairs.
    static ImmutableArray<string> OfSeveral(string file)
    {
        var named = new RecordingFiles(file);
        return
        [
            .. new[] { "-clean", "-corrupted" }.Select(named.NameOf).TakeWhile(File.Exists),
            .. Numbered(""),
            .. Numbered("-clean").Zip(Numbered("-corrupted")).SelectMany(pair => new[] { pair.First, pair.Second }),
        ];

        IEnumerable<string> Numbered(string ending) => Enumerable.Range(1, int.MaxValue)
            .Select(number => named.NameOf(FormattableString.Invariant($"-{number}{ending}"))).TakeWhile(File.Exists);
    }

    /// <summary>Checks, before anything is computed, that the folder takes files.</summary>
    /// <exception cref="IOException">It does not.</exception>
    public void Try()
    {
        if (Path is not null)
            JsonOutput.TryFile(Path, "--record");
    }

    /// <summary>Checks that no folder has the name of a file.</summary>
    /// <exception cref="IOException">One has.</exception>
    public void Need(IEnumerable<string> suffixes)
    {
        foreach (var suffix in Path is null ? [] : suffixes)
            if (Directory.Exists(NameOf(suffix)))
                throw new IOException(
                    $"{NameOf(suffix)}: a folder, expected a file to write; give another with --record.");
    }

    /// <summary>Writes the recordings if they are asked for, and says where.</summary>
    /// <param name="record">Returns the recordings, and the part of each file's name before its ending.</param>
    /// <param name="output">Where it is said.</param>
    public void Write(Func<IReadOnlyList<(string Suffix, Recording Run)>> record, TextWriter output)
    {
        if (Path is null)
            return;
        output.WriteLine();
        foreach (var (suffix, run) in record())
        {
            var file = NameOf(suffix);
            run.Save(file);
            output.WriteLine($"Recorded {OneLine.Escape(file)}");
        }
    }

    string NameOf(string suffix)
    {
        // A name such as .run is no ending.
        var name = System.IO.Path.GetFileName(Path!);
        var ending = name.LastIndexOf('.') > 0 ? System.IO.Path.GetExtension(name) : "";
        return Path![..^ending.Length] + suffix + ending;
    }
}
