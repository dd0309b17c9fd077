using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>The weights of a checkpoint by the names that a model uses.</summary>
sealed class WeightSource
{
    readonly Checkpoint checkpoint;
    readonly TensorNames names;
    readonly HashSet<string> aliased;
    readonly List<(string Name, string Stored)> renamed = [];

    /// <summary>Reads the names of a checkpoint.</summary>
    /// <exception cref="InvalidDataException">The checkpoint holds an adapter that is not merged.</exception>
    public WeightSource(Checkpoint checkpoint)
    {
        var aliases = checkpoint.Aliases;
        (this.checkpoint, names) = (checkpoint, TensorNames.Of(checkpoint.Names, aliases));
        aliased = [.. aliases.Values];
        if (checkpoint.Names.FirstOrDefault(IsOfAdapter) is { } part)
            throw Refusal.Of(
                checkpoint.Folder,
                $"{Refusal.Quote(part)} is of an adapter (LoRA) that is not merged; {ModelContents.HowToMerge}");
    }

    /// <summary>Gets the folder of the checkpoint.</summary>
    public string Folder => checkpoint.Folder;

    /// <summary>Gets notices about names that were changed.</summary>
    public IEnumerable<string> Notices => renamed is [var (name, stored), ..]
        ? [$"The tensors have the names of a wrapper, such as {Refusal.Quote(stored)} for {Refusal.Quote(name)}."]
        : [];

    /// <summary>Tells whether the checkpoint has a weight, readable or not.</summary>
    public bool Has(string name) => names.Find(name).Count > 0;

    /// <summary>Tells whether two weights are one tensor of the checkpoint.</summary>
    public bool AreOne(string name, string other) =>
        names.Find(name) is [var stored] && names.Find(other) is [var second] && stored == second;

    /// <summary>Tells whether the checkpoint has a weight of this shape in a format that is computed with.</summary>
    public bool Fits(string name, Shape expected) =>
        names.Find(name) is [var stored] && checkpoint.FileOf(stored) is var file
        && file.ShapeOf(stored) == expected && file.HasNumbers(stored);

    /// <summary>Returns a weight over its mapped file; one in F64 is a copy, each number rounded to the nearest
    /// F32.</summary>
    /// <exception cref="InvalidDataException">There is no such weight, or two, or one of another shape, or it is
    /// quantized.</exception>
    /// <exception cref="FileNotFoundException">The index places the weight in a file that is not there.</exception>
    public HostTensor Weight(string name, Shape expected)
    {
        var stored = NameOf(name);
        var file = checkpoint.FileOf(stored);
        if (!file.HasNumbers(stored) && KindOf(stored, file.FormatNameOf(stored)) is { } kind)
            throw Quantized(kind);

        // The format is judged before the shape: packed weights have another.
        file.FormatOf(stored);
        var tensor = file.Tensor(stored, expected);
        Note(name, stored);
        return tensor.DataType == DataType.F64 ? StoredNumbers.Rounded(tensor) : tensor;
    }

    /// <summary>Tells whether two weights of one shape have the same numbers.</summary>
    public bool AreEqual(string name, string other) =>
        StoredNumbers.AreEqual(checkpoint.Tensor(NameOf(name)), checkpoint.Tensor(NameOf(other)));

    /// <summary>Returns where a weight first has a number that is NaN or infinite, and the number; null if it is
    /// finite.</summary>
    public string? NotFinite(string name)
    {
        var (stored, tensor) = (NameOf(name), checkpoint.Tensor(NameOf(name)));
        if (tensor.DataType == DataType.F64)
            tensor = StoredNumbers.Rounded(tensor);
        if (StoredNumbers.FirstNotFinite(tensor) is not (>= 0 and var index))
            return null;
        var (file, number) = (checkpoint.FileOf(stored).Path, StoredNumbers.At(tensor, index));
        return FormattableString.Invariant(
            $"{file}: {Refusal.Quote(stored)} holds {number} at {index:N0} of {tensor.Shape.Count:N0}");
    }

    string NameOf(string name)
    {
        if (names.Find(name) is [var stored])
            return stored;
        if (names.Find(name) is [var one, var two, ..])
            throw Refusal.Of(
                Folder,
                $"{Refusal.Quote(one)} and {Refusal.Quote(two)} are both {Refusal.Quote(name)}, expected one of them.");
        if (names.Rivals is [var first, var second, ..])
            throw Refusal.Of(
                Folder,
                $"{Refusal.Quote(first)} and {Refusal.Quote(second)} are of two models, expected one; save it alone.");
        if (checkpoint.Names.Select(found => Beside(found, name)).FirstOrDefault(kind => kind is not null) is { } found)
            throw Quantized(found);
        throw checkpoint.Missing(name);
    }

    // How a weight that is not there is quantized, where this tensor stands in its place.
    string? Beside(string found, string name)
    {
        var layer = name[(name.IndexOf('.') + 1)..^"weight".Length];
        var at = name.EndsWith(".weight", StringComparison.Ordinal)
            ? found.IndexOf(layer, StringComparison.Ordinal)
            : -1;
        var isWhole = at == 0 || at > 0 && found[at - 1] == '.';
        return isWhole ? KindOf(found[..(at + layer.Length)] + "weight", null) : null;
    }

    string? KindOf(string stored, string? format) =>
        QuantizedWeights.KindOf(stored, format, checkpoint.Contains, ModelContents.QuantizationOf(Folder));

    InvalidDataException Quantized(string kind) => Refusal.Of(
        Folder,
        $"the weights are quantized ({kind}), expected F32, F16, BF16 or F64; take the unquantized weights.");

    void Note(string name, string stored)
    {
        // Base models are saved without the first part; to add it is no surprise. An alias is the checkpoint's word.
        if (stored != name && "model." + stored != name && !aliased.Contains(stored))
            renamed.Add((name, stored));
    }

    static bool IsOfAdapter(string name) =>
        name.Contains(".lora_A.", StringComparison.Ordinal) || name.Contains(".lora_B.", StringComparison.Ordinal)
        || name.Contains(".base_layer.", StringComparison.Ordinal);
}
