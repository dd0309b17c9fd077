using System.Text.RegularExpressions;
using RatIlgpu.Files;

namespace RatIlgpu.Weights;

/// <summary>The models that Hugging Face has downloaded to this machine.</summary>
/// <remarks>As <c>huggingface_hub</c> lays it out: <c>models--owner--name</c> with <c>snapshots</c>, one folder for
/// each revision, and <c>refs/main</c>, which names one.</remarks>
static partial class HubCache
{
    const string Start = "models--";
    const string Snapshots = "snapshots";

    // The longest name that Hugging Face allows.
    const int LongestName = 96;

    /// <summary>Returns the folders in which models are sought, the first one first.</summary>
    /// <param name="environment">Returns a variable; null for none.</param>
    /// <param name="isWindows">Whether variables are also written <c>%NAME%</c>.</param>
    /// <remarks><c>~</c> and variables are replaced, since a variable may come from a file that no shell reads.
    /// <c>TRANSFORMERS_CACHE</c> is read by Transformers before version 5 alone, so it comes last.</remarks>
    public static IEnumerable<string> Folders(Func<string, string?> environment, bool isWindows)
    {
        yield return Hub();
        if (Given("TRANSFORMERS_CACHE") is { } older)
            yield return older;

        string Hub()
        {
            if ((Given("HF_HUB_CACHE") ?? Given("HUGGINGFACE_HUB_CACHE")) is { } cache)
                return cache;
            var caches = Given("XDG_CACHE_HOME") ?? Path.Combine(Home(environment, isWindows), ".cache");
            return Path.Combine(Given("HF_HOME") ?? Path.Combine(caches, "huggingface"), "hub");
        }

        string? Given(string name) =>
            environment(name) is { Length: > 0 } text ? Expand(text, environment, isWindows) : null;
    }

    /// <summary>Returns a path with <c>~</c> at its start and the variables in it replaced; one that is not set stays
    /// as it is written.</summary>
    /// <remarks>As <c>expandvars</c> of <c>expanduser</c> in Python; the home of another user is not looked
    /// up.</remarks>
    public static string Expand(string path, Func<string, string?> environment, bool isWindows)
    {
        if (path is "~" || path.StartsWith("~/", StringComparison.Ordinal)
            || isWindows && path.StartsWith(@"~\", StringComparison.Ordinal))
            path = Home(environment, isWindows) + path[1..];
        return (isWindows ? WindowsVariable() : Variable()).Replace(path, found => found.Groups["name"].Success
            ? environment(found.Groups["name"].Value) ?? found.Value
            : found.Groups["text"].Value);
    }

    /// <summary>Returns the folder of a model of the cache; null where it is not there.</summary>
    public static string? Find(string cache, string name) =>
        SnapshotOf(Path.Combine(cache, Start + name.Replace("/", "--", StringComparison.Ordinal)));

    /// <summary>Returns the model of a folder inside the cache, <c>owner/name</c>; null for any other folder.</summary>
    public static string? NameOf(string folder)
    {
        var at = new DirectoryInfo(Path.GetFullPath(folder));
        foreach (var own in (DirectoryInfo?[])[at, at.Parent, at.Parent?.Parent])
            if (own is not null && own.Name.StartsWith(Start, StringComparison.Ordinal)
                && own.Name[Start.Length..].Replace("--", "/", StringComparison.Ordinal) is var name && IsName(name))
                return name;
        return null;
    }

    /// <summary>Returns the folder of the model that a folder of the cache is about; the folder itself where it is none
    /// of the cache, or a snapshot.</summary>
    /// <exception cref="InvalidDataException">The folder holds several models, or its model has no
    /// snapshot.</exception>
    public static string Resolve(string folder)
    {
        var at = new DirectoryInfo(Path.GetFullPath(folder));
        if (at.Name == Snapshots && at.Parent is { } parent && parent.Name.StartsWith(Start, StringComparison.Ordinal))
            at = parent;
        if (at.Name.StartsWith(Start, StringComparison.Ordinal)
            && !File.Exists(Path.Combine(folder, ModelContents.Config)))
            return SnapshotOf(at.FullName) ?? throw WithoutSnapshot(folder, at.FullName);
        foreach (var cache in (string[])[at.FullName, Path.Combine(at.FullName, "hub")])
            if (Names(cache, Start) is { Length: > 0 } models)
                throw Refusal.Of(folder, $"is a cache of Hugging Face, expected one of its models{models}");
        return folder;
    }

    /// <summary>Tells whether a text can be the name of a model: two parts, neither of which can climb out of the
    /// cache.</summary>
    public static bool IsName(string text) =>
        text.Length <= LongestName && text.Split('/') is { Length: 2 } parts && Array.TrueForAll(parts, IsNamePart);

    static bool IsNamePart(string part) =>
        part.Length > 0
        && part.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.')
        && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.')
        && !part.Contains("--", StringComparison.Ordinal) && !part.Contains("..", StringComparison.Ordinal);

    // The revision that `refs/main` names; without that file, the newest downloaded one.
    static string? SnapshotOf(string model)
    {
        var snapshots = new DirectoryInfo(Path.Combine(model, Snapshots));
        if (!snapshots.Exists)
            return null;
        var main = Path.Combine(model, "refs", "main");
        if (!File.Exists(main))
            return snapshots.GetDirectories().MaxBy(folder => folder.LastWriteTimeUtc)?.FullName;
        var revision = Encoding.ASCII.GetString(InputFile.Read(main, LongestName)).Trim();
        if (!IsNamePart(revision))
            throw Refusal.Of(main, $"holds {Refusal.Quote(revision)}, expected the name of a snapshot.");
        var snapshot = Path.Combine(snapshots.FullName, revision);
        return Directory.Exists(snapshot) ? snapshot : null;
    }

    static InvalidDataException WithoutSnapshot(string folder, string model)
    {
        var (others, cure) = (Names(Path.Combine(model, Snapshots)), ModelContents.HowToGet(model));
        return others.Length == 0
            ? Refusal.Of(folder, $"has no snapshot of its model; {cure}")
            : Refusal.Of(folder, $"has not the snapshot that refs/main names, but others{others}; {cure}");
    }

    // The first folders in a folder, for a message.
    static string Names(string folder, string start = "")
    {
        const int MostNamed = 3;
        if (!Directory.Exists(folder))
            return "";
        string[] found =
        [
            .. Directory.EnumerateDirectories(folder, start + "*").Take(MostNamed + 1)
                .Order(StringComparer.Ordinal).Select(OneLine.Shorten),
        ];
        var rest = found.Length > MostNamed ? " and others" : "";
        return found.Length == 0 ? "" : $": {string.Join(", ", found.Take(MostNamed))}{rest}";
    }

    static string Home(Func<string, string?> environment, bool isWindows) =>
        environment(isWindows ? "USERPROFILE" : "HOME") is { Length: > 0 } given
            ? given.TrimEnd('/')
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [GeneratedRegex(@"\$(?:\{(?<name>[^}]*)\}|(?<name>[A-Za-z0-9_]+))")]
    private static partial Regex Variable();

    // A quoted part stays as it is, quotes included; a doubled sign stands for itself.
    [GeneratedRegex(
        @"(?<text>'[^']*')|%(?<text>%)|\$(?<text>\$)|%(?<name>[^%]+)%|\$\{(?<name>[^}]*)\}|\$(?<name>[A-Za-z0-9_-]+)")]
    private static partial Regex WindowsVariable();
}
