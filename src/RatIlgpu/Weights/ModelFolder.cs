using RatIlgpu.Files;

namespace RatIlgpu.Weights;

/// <summary>Finds model folders on this machine; never downloads one.</summary>
public static class ModelFolder
{
    // The longest name that Hugging Face allows.
    const int LongestName = 96;

    /// <summary>Finds a model by the path of its folder, or by its Hugging Face name if it was downloaded
    /// before.</summary>
    /// <param name="nameOrFolder">A folder, or a name such as <c>Qwen/Qwen2.5-0.5B</c>, looked up in the cache that
    /// <c>HF_HUB_CACHE</c>, <c>HF_HOME</c> and <c>XDG_CACHE_HOME</c> place.</param>
    /// <returns>The path of a folder that is there.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder and no such model in the cache.</exception>
    /// <exception cref="InvalidDataException">It is a file, or the cache is damaged.</exception>
    public static string Find(string nameOrFolder) => Find(nameOrFolder, Environment.GetEnvironmentVariable);

    /// <summary>Finds a model with the environment given.</summary>
    internal static string Find(string nameOrFolder, Func<string, string?> environment)
    {
        if (Directory.Exists(nameOrFolder))
            return nameOrFolder;
        if (File.Exists(nameOrFolder))
            throw Refusal.Of(nameOrFolder, $"is a file, expected the folder of a model.");
        if (!IsName(nameOrFolder))
            throw new DirectoryNotFoundException(
                $"{Refusal.Quote(nameOrFolder)}: there is no such folder; a model in the Hugging Face cache is "
                + "named by its owner and its name, such as Qwen/Qwen2.5-0.5B.");
        var cache = Cache(environment);
        var model = Path.Combine(cache, "models--" + nameOrFolder.Replace("/", "--", StringComparison.Ordinal));
        return Snapshot(model) ?? throw new DirectoryNotFoundException(
            $"{nameOrFolder}: there is no such folder, and {cache} does not hold that model; get it with: "
            + $"hf download {nameOrFolder}");
    }

    // Two parts, neither of which can climb out of the cache.
    static bool IsName(string text) =>
        text.Length <= LongestName && text.Split('/') is { Length: 2 } parts && Array.TrueForAll(parts, IsNamePart);

    static bool IsNamePart(string part) =>
        part.Length > 0
        && part.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.')
        && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.')
        && !part.Contains("--", StringComparison.Ordinal) && !part.Contains("..", StringComparison.Ordinal);

    static string Cache(Func<string, string?> environment)
    {
        if (environment("HF_HUB_CACHE") is { Length: > 0 } cache)
            return cache;
        if (environment("HF_HOME") is { Length: > 0 } home)
            return Path.Combine(home, "hub");
        var caches = environment("XDG_CACHE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(caches, "huggingface", "hub");
    }

    // The revision that `refs/main` names; without that file, the newest downloaded one.
    static string? Snapshot(string model)
    {
        var snapshots = new DirectoryInfo(Path.Combine(model, "snapshots"));
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
}
