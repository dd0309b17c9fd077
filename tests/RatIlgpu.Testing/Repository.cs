namespace RatIlgpu.Testing;

/// <summary>The repository the tests were built in.</summary>
public static class Repository
{
    /// <summary>Gets its folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>Returns the path of something in it.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "RatIlgpu.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} is not inside the repository.");
    }
}
