using System.IO.MemoryMappedFiles;
using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>A safetensors file, mapped into memory: its tensors are read where they lie.</summary>
/// <remarks>The whole header is checked before the first tensor is returned. The tensors cover the data exactly: no
/// gaps, no overlaps. No other program may truncate the file while it is open.</remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    readonly FileStream stream;
    readonly MemoryMappedFile? map;
    readonly MemoryMappedViewAccessor? view;
    readonly SafetensorsHeader header;
    bool disposed;

    SafetensorsFile(string path)
    {
        Path = path;
        stream = InputFile.Open(path);
        try
        {
            map = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            var length = stream.Length;
            var most = long.Min(length, SafetensorsHeader.Prefix + SafetensorsHeader.Longest);
            header = SafetensorsHeader.Read(new ReadOnlySpan<byte>(Start, (int)most), length, path);
        }
        catch (Exception fault)
        {
            Dispose();
            if (fault is IOException or UnauthorizedAccessException or ArgumentException)
                throw new InvalidDataException($"{path}: cannot be mapped into memory: {fault.Message}", fault);
            throw;
        }
    }

    /// <summary>Gets the path the file was opened with.</summary>
    public string Path { get; }

    /// <summary>Gets the names of the tensors, in the order in which they lie in the file.</summary>
    public IReadOnlyList<string> Names => header.Names;

    /// <summary>Gets the metadata of the file, such as <c>format</c>: <c>pt</c>; often empty.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    // Without counting a reference: a file that was never disposed would otherwise stay mapped.
    byte* Start => (byte*)view!.SafeMemoryMappedViewHandle.DangerousGetHandle() + view.PointerOffset;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It cannot be read, or is no whole safetensors file.</exception>
    public static SafetensorsFile Open(string path) => new(path);

    /// <summary>Tells whether the file has a tensor.</summary>
    public bool Contains(string name) => header.Find(name) is not null;

    /// <summary>Returns the shape of a tensor.</summary>
    /// <exception cref="InvalidDataException">The file has no such tensor.</exception>
    public Shape ShapeOf(string name) => Entry(name).Shape;

    /// <summary>Returns how the numbers of a tensor are stored.</summary>
    /// <exception cref="InvalidDataException">The file has no such tensor, or its numbers are none of F32, F16, BF16
    /// and F64.</exception>
    public DataType FormatOf(string name)
    {
        var (format, quoted) = (Entry(name).Format, Refusal.Quote(name));
        return format.Format ?? throw Refusal.Of(
            Path, $"{quoted} is {OneLine.Shorten(format.Name)}, expected F32, F16, BF16 or F64.");
    }

    /// <summary>Tells whether the numbers of a tensor are F32, F16, BF16 or F64.</summary>
    /// <exception cref="InvalidDataException">The file has no such tensor.</exception>
    internal bool HasNumbers(string name) => Entry(name).Format.Format is not null;

    /// <summary>Returns the name of the format of a tensor, as the file has it.</summary>
    /// <exception cref="InvalidDataException">The file has no such tensor.</exception>
    internal string FormatNameOf(string name) => Entry(name).Format.Name;

    /// <summary>Returns a tensor over the mapped file.</summary>
    /// <remarks>It keeps the mapping alive, but must not be used after the file was disposed, and not be written. Where
    /// the file has numbers at odd addresses, as old writers left them, the tensor is an aligned copy.</remarks>
    /// <exception cref="InvalidDataException">The file has no such tensor, or its numbers are none of F32, F16, BF16
    /// and F64.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public HostTensor Tensor(string name)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var format = FormatOf(name);
        var entry = Entry(name);
        var (memory, start) = (view!.SafeMemoryMappedViewHandle, header.DataStart + entry.Start);
        if ((nuint)(Start + start) % (nuint)format.Size() == 0)
            return HostTensor.Over(entry.Shape, format, memory, view.PointerOffset + start);
        var copy = HostTensor.Allocate(entry.Shape, format);
        Buffer.MemoryCopy(Start + start, copy.Data, entry.End - entry.Start, entry.End - entry.Start);
        return copy;
    }

    /// <summary>Returns a tensor whose shape is known.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="expected">The shape it must have.</param>
    /// <exception cref="InvalidDataException">The file has no such tensor, or with another shape, or its numbers are
    /// none of F32, F16, BF16 and F64.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public HostTensor Tensor(string name, Shape expected)
    {
        var shape = ShapeOf(name);
        return shape == expected
            ? Tensor(name)
            : throw Refusal.Of(Path, $"{Refusal.Quote(name)} is {shape}, expected {expected}.");
    }

    /// <summary>Unmaps the file; its tensors must not be used any more.</summary>
    public void Dispose()
    {
        disposed = true;
        view?.Dispose();
        map?.Dispose();
        stream.Dispose();
    }

    SafetensorsEntry Entry(string name) =>
        header.Find(name) ?? throw Refusal.Of(Path, $"there is no tensor {Refusal.Quote(name)}.");
}
