using System.Diagnostics;

namespace RatIlgpu.Cli.Bench;

/// <summary>Reads how much memory this process has in use.</summary>
static class Memory
{
    const string Status = "/proc/self/status";

    /// <summary>Returns the bytes of memory that no file backs; mapped weights are not counted.</summary>
    public static long PrivateBytes() => FromStatus("RssAnon:") ?? Process.GetCurrentProcess().PrivateMemorySize64;

    /// <summary>Returns the most memory in use so far, mapped files included.</summary>
    public static long PeakBytes() => FromStatus("VmHWM:") ?? Process.GetCurrentProcess().PeakWorkingSet64;

    static long? FromStatus(string field)
    {
        if (!File.Exists(Status))
            return null;
        var line = File.ReadLines(Status).FirstOrDefault(text => text.StartsWith(field, StringComparison.Ordinal));
        var kilobytes = line?[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return kilobytes is null ? null : long.Parse(kilobytes, CultureInfo.InvariantCulture) << 10;
    }
}
