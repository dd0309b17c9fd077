namespace RatIlgpu.Weights;

/// <summary>Opens files that somebody else made.</summary>
static class Files
{
    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, is empty or cannot be read.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
            throw Refusal.Of(path, $"is a folder, expected a file.");
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length > 0)
                return stream;
            stream.Dispose();
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"{path}: there is no such file.", path);
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidDataException($"{path}: cannot be read: {closed.Message}", closed);
        }

        throw Refusal.Of(path, $"is empty.");
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
            throw Refusal.Of(path, $"has {stream.Length:N0} bytes, expected at most {most:N0}.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
