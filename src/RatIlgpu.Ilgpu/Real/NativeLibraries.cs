using System.Runtime.InteropServices;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds the drivers' libraries where a machine has them only under the names that programs are linked to.</summary>
static class NativeLibraries
{
    // ILGPU sets a resolver of its own where this is.
    const string WindowsSubsystem = "/usr/lib/wsl/lib";

    static readonly Lazy<bool> resolver = new(() =>
    {
        if (OperatingSystem.IsLinux() && !Directory.Exists(WindowsSubsystem))
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, _, _) => Load(name));
        return true;
    });

    /// <summary>Gets the name of the library of CUDA.</summary>
    public static string Cuda => OperatingSystem.IsWindows() ? "nvcuda" : "cuda";

    /// <summary>Gets the name of the library of OpenCL.</summary>
    public static string OpenCl => "OpenCL";

    /// <summary>Lets ILGPU find <c>libcuda.so.1</c> and <c>libOpenCL.so.1</c>.</summary>
    public static void Resolve() => _ = resolver.Value;

    /// <summary>Tells whether a library is there.</summary>
    public static bool Has(string name) => Load(name) != 0 || NativeLibrary.TryLoad(name, out _);

    static nint Load(string name) =>
        name is "cuda" or "OpenCL" && NativeLibrary.TryLoad($"lib{name}.so.1", out var library) ? library : 0;
}
