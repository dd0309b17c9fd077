namespace RatIlgpu.Files;

/// <summary>Knows files that often lie where another was expected by their first bytes.</summary>
static class KnownFile
{
    // All bytes that tell the kinds apart.
    const int Head = 64;

    /// <summary>Returns what a file is, and what to do; null where it may be what was expected.</summary>
    /// <param name="start">The bytes that the file starts with.</param>
    public static string? KindOf(ReadOnlySpan<byte> start)
    {
        if (IsLfsPointer(start))
            return "is a Git LFS pointer, not the file itself; get the file with: git lfs pull";
        var text = start[..int.Min(start.Length, Head)].TrimStart(" \t\r\n"u8);
        if (StartsWith(text, "<!doctype html"u8) || StartsWith(text, "<html"u8) || StartsWith(text, "<?xml"u8))
            return "is a web page, as a download that failed leaves it; download the file again.";
        if (start.StartsWith("PK\u0003\u0004"u8))
            return "is a zip archive, as PyTorch saves weights; save them as safetensors.";
        return start.StartsWith("GGUF"u8)
            ? "is a GGUF file, expected safetensors; take the checkpoint that it was made from."
            : null;
    }

    /// <summary>Tells whether a file is the text that Git keeps in place of a large file.</summary>
    /// <param name="start">The bytes that the file starts with.</param>
    /// <remarks>Git LFS specification, version 1; <c>hawser</c> is its older name.</remarks>
    public static bool IsLfsPointer(ReadOnlySpan<byte> start) =>
        start.StartsWith("version https://git-lfs.github.com/spec/"u8)
        || start.StartsWith("version https://hawser.github.com/spec/"u8);

    static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) =>
        text.Length >= lower.Length && Ascii.EqualsIgnoreCase(text[..lower.Length], lower);
}
