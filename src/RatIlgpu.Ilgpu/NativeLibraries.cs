using System.Runtime.InteropServices;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds the drivers' libraries also where a machine has them under their versioned names only.</summary>
static class NativeLibraries
{
    // Here ILGPU sets a resolver of its own, and there can be only one.
    const string WindowsSubsystem = "/usr/lib/wsl/lib";

    static readonly Lazy<bool> resolver = new(() =>
    {
        var isNeeded = OperatingSystem.IsLinux() && !Directory.Exists(WindowsSubsystem);
        if (isNeeded)
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, _, _) => Versioned(name));
        return isNeeded;
    });

    /// <summary>Gets the name by which ILGPU asks for CUDA.</summary>
    public static string Cuda => OperatingSystem.IsWindows() ? "nvcuda" : "cuda";

    /// <summary>Gets the name by which ILGPU asks for OpenCL.</summary>
    public static string OpenCl => "OpenCL";

    /// <summary>Lets ILGPU find them.</summary>
    public static void Resolve() => _ = resolver.Value;

    /// <summary>Tells whether a library is there.</summary>
    public static bool Has(string name) => Versioned(name) != 0 || NativeLibrary.TryLoad(name, out _);

    /// <summary>Returns the name of a library's file, for messages.</summary>
    public static string FileOf(string name) => OperatingSystem.IsWindows() ? $"{name}.dll" : $"lib{name}.so.1";

    static nint Versioned(string name) =>
        name is "cuda" or "OpenCL" && NativeLibrary.TryLoad($"lib{name}.so.1", out var library) ? library : 0;
}
