using System.Text.RegularExpressions;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli;

/// <summary>Refuses two outputs in one place, of which the later would replace the earlier.</summary>
static partial class OutputTargets
{
    /// <summary>Checks the outputs of a command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="isOwn">Tells whether a file of this name in the output folder is written or deleted by the command;
    /// null where it has no such folder.</param>
    /// <param name="inputs">Files that the command reads and that no option names.</param>
    /// <exception cref="UsageException">Two outputs are in one place.</exception>
    public static void Check(
        ParseResult parsed, CliOptions options, Func<string, bool>? isOwn = null, params IEnumerable<string> inputs)
    {
        var json = Full(parsed.Get(options.Json) is "-" ? null : parsed.Get(options.Json));
        var record = Full(parsed.Get(options.Record));
        var svg = Full(parsed.Get(options.Svg));
        var partial = Full(parsed.Get(options.Partial));
        (string? File, string Option)[] single = [(json, "--json"), (svg, "--svg"), (partial, "--partial")];
        foreach (var (place, (file, option)) in single.Index())
        {
            if (file is not null && record is not null && RecordingFiles.IsOfRun(file, record))
                throw new UsageException($"{option} and --record name the same file; give two.");
            foreach (var (other, second) in single[(place + 1)..])
                if (file is not null && file == other)
                    throw new UsageException($"{option} and {second} name the same file; give two.");
        }

        (string? File, string Option)[] outputs = [.. single, (record, "--record")];
        var recordings = RecordingFiles.Existing(parsed.Get(options.Record)).Select(Full).ToHashSet();
        foreach (var input in Inputs(parsed, options).Concat(inputs.Select(FullOfInput)).OfType<string>())
            foreach (var (file, option) in outputs)
                if (input == file || (option == "--record" && IsRecorded(input)))
                    throw new UsageException(
                        $"{option} names {Path.GetFileName(input)}, which the command reads; give another file.");
        if (isOwn is not null)
            CheckFolder(FolderOf(parsed.Get(options.Output)!), isOwn, outputs);

        // Of several runs the files have other names than the option.
        bool IsRecorded(string input) =>
            record is not null && (recordings.Contains(input) || RecordingFiles.IsOfRun(input, record));
    }

    static void CheckFolder(string folder, Func<string, bool> isOwn, (string? File, string Option)[] outputs)
    {
        foreach (var (file, option) in outputs)
            if (file == folder)
                throw new UsageException($"{option} names the folder of --output; give another name.");
            else if (file is not null && Path.GetDirectoryName(file) == folder && isOwn(Path.GetFileName(file)))
                throw new UsageException(
                    $"{option} names {Path.GetFileName(file)} in the folder of --output, where the command writes its "
                    + "own files; give another name.");
    }

    /// <summary>Checks that no output takes the place of a file of the model.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="folder">The folder of the model.</param>
    /// <exception cref="ArgumentException">An output does.</exception>
    public static void CheckModel(ParseResult parsed, CliOptions options, string folder)
    {
        foreach (var option in (CliOption<string?>[])[options.Json, options.Svg, options.Record, options.Partial])
            if (parsed.Get(option) is { } path && path != "-" && (IsOfModel(path) || IsOfModel(Full(path)!)))
                throw new ArgumentException(
                    $"{option.Name} names {Path.GetFileName(path)}, a file of the model; give another file.");

        // One that is not there yet would be read with the model next time.
        bool IsOfModel(string path) => ModelFile.IsMatch(Path.GetFileName(path))
            && FolderOf(Path.GetDirectoryName(Path.GetFullPath(path))!) == FolderOf(folder);
    }

    // The files that loading reads.
    [GeneratedRegex(
        @"\A((config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|chat_template)"
        + @"\.json|merges\.txt|chat_template\.jinja|model.*\.safetensors(\.index\.json)?)\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ModelFile { get; }

    static IEnumerable<string?> Inputs(ParseResult parsed, CliOptions options) =>
    [
        FullOfInput(parsed.Get(options.Prompts)), FullOfInput(parsed.Get(options.Direction)),
        FullOfInput(parsed.Get(options.Decomposition)),
        FullOfInput(parsed.Has(options.Labels) ? parsed.Get(options.Labels)?.File : null),
        .. parsed.List(options.FromRecording).Select(FullOfInput), .. parsed.List(options.Corpus).Select(FullOfInput),
    ];

    // A link that leads back to itself is refused where it is read.
    static string? FullOfInput(string? path)
    {
        try
        {
            return Full(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Through a link, its target is replaced.
    static string? Full(string? path) => path switch
    {
        null => null,
        _ when WholeFile.IsDevice(path) => Path.GetFullPath(path),
        _ => PlaceOf(WholeFile.TargetOf(path)),
    };

    static string PlaceOf(string file) => Path.GetDirectoryName(file) is { } folder
        ? Path.Combine(FolderOf(folder), Path.GetFileName(file))
        : file;

    // One folder has many names where links are among its parents.
    static string FolderOf(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        var found = Path.Combine(FolderOf(parent), Path.GetFileName(full));
        return Directory.Exists(found) && Directory.ResolveLinkTarget(found, returnFinalTarget: true) is { } target
            ? Path.TrimEndingDirectorySeparator(target.FullName)
            : found;
    }
}
