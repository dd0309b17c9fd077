namespace RatIlgpu.Files;

/// <summary>Reads untrusted files: a length is checked before memory is allocated for it.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public static class InputFile
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, a pipe or a device, is empty or cannot be
    /// read.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
            throw Refusal.Of(path, $"is a folder, expected a file.");
        try
        {
            // Pipes and devices have no length. Opening a pipe blocks until a writer opens it.
            if (Final(path).Length > 0)
                return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{path}: there is no such file.", path);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Unreadable(path, closed);
        }

        throw Refusal.Of(path, $"is empty, or no regular file; expected a file with content.");
    }

    /// <summary>Tells whether there is a file, which a link that leads nowhere is not.</summary>
    /// <param name="path">The file.</param>
    internal static bool Exists(string path)
    {
        try
        {
            return File.Exists(path) && Final(path).Exists;
        }
        catch (InvalidDataException)
        {
            // A link that leads back to itself is opened, and refused there.
            return true;
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes it may have.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It cannot be read, is empty or is too large.</exception>
    public static byte[] Read(string path, int most)
    {
        using var stream = Open(path);
        if (stream.Length > most)
            throw Refusal.Of(path, $"has {ByteText.Of(stream.Length)}, expected at most {most:N0}.");
        var bytes = new byte[stream.Length];
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (IOException broken)
        {
            throw Unreadable(path, broken);
        }

        if (KnownFile.IsLfsPointer(bytes))
            throw Refusal.Of(path, $"{KnownFile.KindOf(bytes)!}");
        return bytes;
    }

    /// <summary>Reads the whole text of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes it may have.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It cannot be read, is empty, is too large or is not UTF-8.</exception>
    public static string Text(string path, int most)
    {
        var bytes = Read(path, most);
        NeedUtf8(bytes, path);
        return Strict.GetString(bytes);
    }

    /// <summary>Throws if bytes are not UTF-8.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    internal static void NeedUtf8(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            Strict.GetCharCount(bytes);
        }
        catch (DecoderFallbackException fault)
        {
            throw Refusal.Of(path, $"byte {fault.Index} is not UTF-8, expected UTF-8 text.");
        }
    }

    // The system's words say the path again.
    static InvalidDataException Unreadable(string path, Exception fault) => fault is UnauthorizedAccessException
        ? new($"{path}: may not be read, expected a file that you have the right to read.", fault)
        : new($"{path}: cannot be read: {fault.Message}", fault);

    static FileInfo Final(string path)
    {
        try
        {
            // Of a link that is named without its folder, .NET would look for the target in the root.
            return File.ResolveLinkTarget(Path.GetFullPath(path), returnFinalTarget: true) as FileInfo
                ?? new FileInfo(path);
        }
        catch (IOException) when (File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint))
        {
            throw Refusal.Of(path, $"is a link that leads back to itself, expected a file.");
        }
    }
}

/// <summary>Makes the exceptions for damaged files: one line, the path first.</summary>
static class Refusal
{
    /// <summary>Makes the exception for a file that is not as expected.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">The found and the expected; formatted with the invariant culture.</param>
    public static InvalidDataException Of(string path, FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");

    /// <inheritdoc cref="OneLine.Quote"/>
    public static string Quote(string text) => OneLine.Quote(text);
}
