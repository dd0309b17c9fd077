using System.Runtime.InteropServices;

namespace RatIlgpu.Testing;

/// <summary>An empty folder that is gone, with what was put into it, when it is disposed.</summary>
public sealed partial class TemporaryFolder : IDisposable
{
    /// <summary>Gets the path of the folder.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("ratilgpu-").FullName;

    /// <summary>Returns the path of something in it.</summary>
    public string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>Writes a file, making the folders it is in, and returns its path.</summary>
    public string Write(byte[] content, params string[] parts)
    {
        var path = Path(parts);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Copies files of another folder; all of them where none is named.</summary>
    public void Copy(string folder, params string[] names)
    {
        foreach (var file in names.Length > 0 ? names : Directory.GetFiles(folder).Select(System.IO.Path.GetFileName))
            File.Copy(System.IO.Path.Combine(folder, file!), Path(file!));
    }

    /// <summary>Makes a pipe with a name and returns its path; Windows has none in folders.</summary>
    public string MakePipe(string name)
    {
        var path = Path(name);
        return MakeFifo(path, 0x180) == 0 ? path : throw new IOException($"{path}: no pipe can be made.");
    }

    /// <summary>Deletes it.</summary>
    public void Dispose() => Directory.Delete(Root, recursive: true);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
