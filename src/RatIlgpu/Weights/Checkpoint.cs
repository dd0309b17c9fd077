using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>The weights of a model folder: one safetensors file, or several with an index.</summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>The name of the only weights of a folder.</summary>
    internal const string Single = "model.safetensors";

    /// <summary>The name of the list of tensors and their shards.</summary>
    internal const string Index = "model.safetensors.index.json";

    const int MostNamed = 5;

    readonly Dictionary<string, SafetensorsFile> byName = new(StringComparer.Ordinal);
    readonly Dictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> places = new(StringComparer.Ordinal);
    readonly List<string> missing = [];

    Checkpoint(string folder) => Folder = folder;

    /// <summary>Gets the folder.</summary>
    public string Folder { get; }

    /// <summary>Gets the names of the tensors.</summary>
    public IReadOnlyCollection<string> Names => byName.Keys;

    /// <summary>Gets the other names that the files give to tensors they have, by alias: of two names of one matrix the
    /// writers of PyTorch keep one, and note the other in the metadata.</summary>
    internal IReadOnlyDictionary<string, string> Aliases => files.Values
        .SelectMany(file => file.Metadata)
        .Where(entry => !Contains(entry.Key) && Contains(entry.Value))
        .DistinctBy(entry => entry.Key)
        .ToDictionary(StringComparer.Ordinal);

    /// <summary>Opens the weights of a folder: <c>model.safetensors</c>, else what <c>model.safetensors.index.json</c>
    /// lists, else <c>model-00001-of-…</c> to the last.</summary>
    /// <remarks>As in Hugging Face, the single file comes first, and a shard gives all that it has. A shard that is
    /// listed and not there matters only to who asks for a tensor of it.</remarks>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no weights.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read or is damaged, or the folder holds weights of
    /// another kind, such as an adapter.</exception>
    public static Checkpoint Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: there is no such folder.");
        var checkpoint = new Checkpoint(folder);
        try
        {
            if (InputFile.Exists(Path.Combine(folder, Single)))
                checkpoint.OpenShards([Single]);
            else if (InputFile.Exists(Path.Combine(folder, Index)))
                checkpoint.OpenIndex(Path.Combine(folder, Index));
            else
                checkpoint.OpenShards(
                    ModelContents.ShardsWithoutIndex(folder) ?? throw ModelContents.NoWeights(folder));
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
    /// <exception cref="FileNotFoundException">A shard is not there, which may have the tensor.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint was disposed.</exception>
    public HostTensor Tensor(string name) => FileOf(name).Tensor(name);

    /// <summary>Returns a tensor whose shape is known; it must not be used after the checkpoint was disposed.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="expected">The shape it must have.</param>
    /// <exception cref="InvalidDataException">There is no such tensor, or with another shape, or its numbers are none
    /// of F32, F16, BF16 and F64.</exception>
    /// <exception cref="FileNotFoundException">A shard is not there, which may have the tensor.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint was disposed.</exception>
    public HostTensor Tensor(string name, Shape expected) => FileOf(name).Tensor(name, expected);

    /// <summary>Unmaps the files; tensors of the checkpoint must not be used any more.</summary>
    public void Dispose()
    {
        foreach (var file in files.Values)
            file.Dispose();
    }

    /// <summary>Returns the file that has a tensor.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor.</exception>
    /// <exception cref="FileNotFoundException">A shard is not there, which may have the tensor.</exception>
    internal SafetensorsFile FileOf(string name) =>
        byName.TryGetValue(name, out var file) ? file : throw Missing(name);

    /// <summary>Returns the exception that says that there is no such tensor, and why.</summary>
    internal Exception Missing(string name)
    {
        if (missing.Count > 0)
            return MissingShards();
        if (places.TryGetValue(name, out var shard))
            return Refusal.Of(
                Path.Combine(Folder, Index),
                $"{Refusal.Quote(name)} is said to be in {shard}, which does not have it.");
        return Names.Order(StringComparer.Ordinal).FirstOrDefault() is { } other
            ? Refusal.Of(
                Folder, $"the checkpoint has no tensor {Refusal.Quote(name)}; it has, for one, {Refusal.Quote(other)}.")
            : Refusal.Of(Folder, $"the checkpoint has no tensor {Refusal.Quote(name)}, and no other.");
    }

    FileNotFoundException MissingShards()
    {
        var names = string.Join(", ", missing.Order(StringComparer.Ordinal).Take(MostNamed));
        var rest = missing.Count > MostNamed ? $" and {missing.Count - MostNamed} more" : "";
        return new FileNotFoundException(
            $"{Path.Combine(Folder, Index)}: lists {missing.Count + files.Count} files, of which {missing.Count} "
            + $"{(missing.Count == 1 ? "is" : "are")} not there: {OneLine.Shorten(names)}{rest}; "
            + ModelContents.HowToGet(Folder));
    }

    void OpenIndex(string index)
    {
        foreach (var (name, value) in JsonPart.Read(index, SafetensorsHeader.Longest)["weight_map"].Members())
            places.Add(name, ShardName(value));
        string[] shards = [.. places.Values.Distinct().Order(StringComparer.Ordinal)];
        missing.AddRange(shards.Where(shard => !InputFile.Exists(Path.Combine(Folder, shard))));
        OpenShards(shards.Except(missing));

        // A tensor that two shards have is that of the shard which the index names.
        foreach (var (name, shard) in places)
            if (files.TryGetValue(shard, out var file) && file.Contains(name))
                byName[name] = file;
    }

    void OpenShards(IEnumerable<string> names)
    {
        foreach (var shard in names)
        {
            var file = SafetensorsFile.Open(Path.Combine(Folder, shard));
            files.Add(shard, file);
            foreach (var name in file.Names)
                byName.TryAdd(name, file);
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
}
