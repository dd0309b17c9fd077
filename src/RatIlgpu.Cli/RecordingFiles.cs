using System.Text.RegularExpressions;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>Where <c>--record</c> writes: one file for each run.</summary>
/// <param name="Path">The file; null where nothing is recorded.</param>
sealed partial record RecordingFiles(string? Path)
{
    // What tells the files of several runs apart: numbers of prompts, and the two of a pair.
    [GeneratedRegex(@"\A-([0-9]+|clean|corrupted|[0-9]+-(clean|corrupted))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix { get; }

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

    /// <summary>Tells whether a run of a command that is given <paramref name="record"/> may be written to a
    /// file.</summary>
    /// <param name="file">The path of the file, written as that of <paramref name="record"/>.</param>
    /// <param name="record">The value of the option.</param>
    public static bool IsOfRun(string file, string record)
    {
        var ending = EndingOf(record);
        var stem = record[..^ending.Length];
        return file == record || (file.Length > record.Length && file.StartsWith(stem, StringComparison.Ordinal)
            && file.EndsWith(ending, StringComparison.Ordinal)
            && Suffix.IsMatch(file.AsSpan()[stem.Length..^ending.Length]));
    }

    /// <summary>Returns the files that are there and that runs may be written to, links among them.</summary>
    /// <param name="record">The value of the option; null for none.</param>
    public static IEnumerable<string> Existing(string? record) =>
        record is not null && System.IO.Path.GetFullPath(record) is var full
        && System.IO.Path.GetDirectoryName(full) is { } folder && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Where(file => IsOfRun(file, full))
            : [];

    string NameOf(string suffix)
    {
        var ending = EndingOf(Path!);
        return Path![..^ending.Length] + suffix + ending;
    }

    // A name such as .run is no ending.
    static string EndingOf(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        return name.LastIndexOf('.') > 0 ? System.IO.Path.GetExtension(name) : "";
    }
}
