namespace RatIlgpu.Analysis;

public sealed partial class Recording
{
    /// <summary>Writes the recording to a safetensors file, whole or not at all: a tensor such as
    /// <c>layers.3.pattern</c> for each site, and what else it knows in the file's metadata.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path) => RecordingWriter.Write(this, path);

    /// <summary>Reads a recording that was saved.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It cannot be read, is damaged or holds no recording.</exception>
    public static Recording Load(string path) => RecordingReader.Read(path);
}
