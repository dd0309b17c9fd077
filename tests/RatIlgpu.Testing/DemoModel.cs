namespace RatIlgpu.Testing;

/// <summary>The demonstration checkpoint.</summary>
static class DemoModel
{
    /// <summary>Gets the folder of the checkpoint.</summary>
    public static string Folder { get; } = Find(AppContext.BaseDirectory);

    static string Find(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
            if (Path.Combine(folder, "samples", "demo-model") is var found && Directory.Exists(found))
                return found;
        throw new DirectoryNotFoundException($"{AppContext.BaseDirectory}: lies in no folder with samples/demo-model.");
    }
}
