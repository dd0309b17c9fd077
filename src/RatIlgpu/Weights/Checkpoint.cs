using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>The weights of a model folder: one safetensors file, or several with an index.</summary>
public sealed class Checkpoint : IDisposable
{
    const string Single = "model.safetensors";
    const string Index = "model.safetensors.index.json";

    readonly Dictionary<string, SafetensorsFile> byName = new(StringComparer.Ordinal);
    readonly List<SafetensorsFile> files = [];

    Checkpoint(string folder) => Folder = folder;

    /// <summary>Gets the folder.</summary>
    public string Folder { get; }

    /// <summary>Gets the names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => byName.Keys;

    /// <summary>Opens the weights of a folder: <c>model.safetensors</c>, else what <c>model.safetensors.index.json</c>
    /// lists.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no weights, or the index names a file that is not
    /// there.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read or is damaged, or the index does not fit its
    /// files.</exception>
    public static Checkpoint Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder.");
        var checkpoint = new Checkpoint(folder);
        try
        {
            if (File.Exists(Path.Combine(folder, Single)))
                checkpoint.OpenSingle(Path.Combine(folder, Single));
            else if (File.Exists(Path.Combine(folder, Index)))
                checkpoint.OpenShards(Path.Combine(folder, Index));
            else
                throw new FileNotFoundException(
                    $"{folder}: there is neither {Single} nor {Index}; save the weights as safetensors.");
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Tells whether there is a tensor.</summary>
    public bool Contains(string name) => byName.ContainsKey(name);

    /// <summary>Returns a tensor over its mapped file; it must not be used after the checkpoint was disposed.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or its numbers are none of F32, F16, BF16 and
    /// F64.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint was disposed.</exception>
    public HostTensor Tensor(string name) => FileOf(name).Tensor(name);

    /// <summary>Returns a tensor whose shape is known; it must not be used after the checkpoint was disposed.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="expected">The shape it must have.</param>
    /// <exception cref="InvalidDataException">There is no such tensor, or with another shape, or its numbers are none
    /// of F32, F16, BF16 and F64.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint was disposed.</exception>
    public HostTensor Tensor(string name, Shape expected) => FileOf(name).Tensor(name, expected);

    /// <summary>Unmaps the files; tensors of the checkpoint must not be used any more.</summary>
    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }

    void OpenSingle(string path)
    {
        var file = Add(path);
        foreach (var name in file.Names)
            byName.Add(name, file);
    }

    void OpenShards(string index)
    {
        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (var (name, value) in JsonPart.Read(index, SafetensorsHeader.Longest)["weight_map"].Members())
        {
            var fileName = ShardName(value);
            if (!shards.TryGetValue(fileName, out var shard))
                shards.Add(fileName, shard = Add(Path.Combine(Folder, fileName)));
            if (!shard.Contains(name))
                throw Refusal.Of(index, $"{Refusal.Quote(name)} is said to be in {fileName}, which does not have it.");
            byName.Add(name, shard);
        }
    }

    // Shard names must be plain file names, so an index cannot point outside the folder.
    static string ShardName(JsonPart value)
    {
        var name = value.Text();
        var staysInside = name is not ("" or "." or "..") && !name.AsSpan().ContainsAny("/\\:\0");
        value.Need(staysInside, "the name of a file in the folder");
        return name;
    }

    SafetensorsFile Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        files.Add(file);
        return file;
    }

    SafetensorsFile FileOf(string name) =>
        byName.GetValueOrDefault(name)
        ?? throw Refusal.Of(Folder, $"the checkpoint has no tensor {Refusal.Quote(name)}.");
}
