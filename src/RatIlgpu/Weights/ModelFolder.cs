using RatIlgpu.Files;

namespace RatIlgpu.Weights;

/// <summary>Finds model folders on this machine; never downloads one.</summary>
public static class ModelFolder
{
    /// <summary>Finds a model by the path of its folder, or by its Hugging Face name if it was downloaded
    /// before.</summary>
    /// <param name="nameOrFolder">A folder, which may be that of a model in the Hugging Face cache; or a name such as
    /// <c>Qwen/Qwen2.5-0.5B</c>, looked up in the cache that <c>HF_HUB_CACHE</c>, <c>HF_HOME</c> and
    /// <c>XDG_CACHE_HOME</c> place.</param>
    /// <returns>The path of a folder that is there.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder and no such model in the cache.</exception>
    /// <exception cref="InvalidDataException">It is a file or a whole cache, or the cache is damaged.</exception>
    public static string Find(string nameOrFolder) =>
        Find(nameOrFolder, Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());

    /// <summary>Finds a model with the environment given.</summary>
    internal static string Find(string nameOrFolder, Func<string, string?> environment, bool isWindows = false)
    {
        var path = Directory.Exists(nameOrFolder) || File.Exists(nameOrFolder)
            ? nameOrFolder
            : HubCache.Expand(nameOrFolder, environment, isWindows);
        if (Directory.Exists(path))
            return HubCache.Resolve(path);
        if (File.Exists(path))
            throw Refusal.Of(path, $"is a file, expected the folder of a model.");
        if (!HubCache.IsName(nameOrFolder))
            throw new DirectoryNotFoundException(
                $"{Refusal.Quote(nameOrFolder)}: there is no such folder; a model in the Hugging Face cache is "
                + "named by its owner and its name, such as Qwen/Qwen2.5-0.5B.");
        string[] caches = [.. HubCache.Folders(environment, isWindows)];
        return caches.Select(cache => HubCache.Find(cache, nameOrFolder)).FirstOrDefault(found => found is not null)
            ?? throw new DirectoryNotFoundException(
                $"{nameOrFolder}: there is no such folder, and {caches[0]} does not hold that model; get it with: "
                + $"hf download {nameOrFolder}");
    }
}
