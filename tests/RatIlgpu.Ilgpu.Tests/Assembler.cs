using System.Diagnostics;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>NVIDIA's assembler of PTX.</summary>
static class Assembler
{
    /// <summary>Returns the program that the environment variable PTXAS names, else the one on the path; null if there
    /// is none.</summary>
    public static string? Find() => Environment.GetEnvironmentVariable("PTXAS") is { Length: > 0 } named
        ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "ptxas.exe" : "ptxas"))
            .FirstOrDefault(File.Exists);

    /// <summary>Assembles a module. Returns whether that worked, and the report on registers, stack and
    /// spills.</summary>
    public static (bool Ok, string Said) Assemble(string assembler, string ptx, string architecture)
    {
        var folder = Directory.CreateTempSubdirectory("ratilgpu-").FullName;
        try
        {
            var path = Path.Combine(folder, "kernel.ptx");
            File.WriteAllText(path, ptx);
            var start = new ProcessStartInfo(assembler, ["-v", "-arch", architecture, "-o", path + ".cubin", path])
            {
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode == 0, said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
