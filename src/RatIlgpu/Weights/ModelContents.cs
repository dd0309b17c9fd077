using System.Text.RegularExpressions;
using RatIlgpu.Files;

namespace RatIlgpu.Weights;

/// <summary>Tells what a folder holds in place of the weights of a model, and what to do about it.</summary>
static partial class ModelContents
{
    /// <summary>How weights with an adapter beside them become weights of a model.</summary>
    public const string HowToMerge =
        "merge it into its model, as merge_and_unload of PEFT does, and save the model that comes out.";

    /// <summary>The name of the file with the sizes of a model.</summary>
    public const string Config = "config.json";

    /// <summary>The most bytes of the config of a model or of an adapter; far beyond any that is published.</summary>
    public const int LargestConfig = 16 << 20;

    const string Adapter = "adapter_config.json";

    // A folder may hold any number of files; so many are looked at.
    const int MostEntries = 10_000;

    /// <summary>Throws if a folder holds, in place of weights, something that is known.</summary>
    /// <exception cref="InvalidDataException">It does.</exception>
    public static void Check(string folder)
    {
        if (!HasWeights(folder) && KindOf(folder) is { } kind)
            throw Refusal.Of(folder, $"{kind}");
        if (Has(folder, Config))
            return;
        if (HubCache.NameOf(folder) is not null || Incomplete(folder) is not null)
            throw Refusal.Of(folder, $"has no {Config}; {HowToGet(folder)}");
        throw new FileNotFoundException(HasWeights(folder)
            ? $"{folder}: has no {Config}; copy that of the model that the weights are of."
            : $"{folder}: has no {Config}, expected the folder of a model: {Config}, a tokenizer and weights.");
    }

    /// <summary>Returns the exception that says that a folder has no weights.</summary>
    public static Exception NoWeights(string folder) => KindOf(folder) is { } kind
        ? Refusal.Of(folder, $"{kind}")
        : new FileNotFoundException(
            $"{folder}: there is neither {Checkpoint.Single} nor {Checkpoint.Index}; save the weights as safetensors.");

    /// <summary>Returns the files of a checkpoint whose index is missing, <c>model-00001-of-00002.safetensors</c> to
    /// the last; null where there is no such file, or not all of them.</summary>
    public static IReadOnlyList<string>? ShardsWithoutIndex(string folder)
    {
        var shards = Shards(folder);
        return shards is [var (_, _, count), ..] && shards.Count == count ? [.. shards.Select(one => one.Name)] : null;
    }

    /// <summary>Returns notices about files that are not used.</summary>
    public static IEnumerable<string> Notices(string folder)
    {
        if (!Has(folder, Checkpoint.Single) && !Has(folder, Checkpoint.Index))
            yield return $"There is no {Checkpoint.Index}: the tensors of all files model-… are taken.";
        if (Directory.EnumerateFiles(folder, "adapter_model.*").Any())
            yield return $"The adapter{BaseOf(folder)} that lies beside the weights is not applied.";
    }

    /// <summary>Returns the field of <c>config.json</c> that speaks of quantized weights, with the method where it
    /// names one; null for none.</summary>
    public static string? QuantizationOf(string folder)
    {
        foreach (var name in (string[])["quantization_config", "compression_config", "quantization"])
            if (Field(folder, Config, name) is { IsObject: true } field)
                return field["quant_method"] is { IsText: true } method
                    ? $"{name} {OneLine.Quote(method.Text())}"
                    : name;
        return null;
    }

    /// <summary>Returns how to get the files of a folder again.</summary>
    public static string HowToGet(string folder)
    {
        var name = HubCache.NameOf(folder) is { } model ? $" with: hf download {model}" : "";
        return Incomplete(folder) is { } part
            ? $"the download stopped early ({part}); get the rest{name}"
            : $"get them again{name}";
    }

    /// <summary>Returns the newest <c>checkpoint-…</c> of a training run; null where there is none.</summary>
    public static string? NewestCheckpoint(string folder)
    {
        const string Start = "checkpoint-";
        return Entries(folder)
            .Where(name => name.StartsWith(Start, StringComparison.Ordinal)
                && Directory.Exists(Path.Combine(folder, name)))
            .MaxBy(name => long.TryParse(
                name.AsSpan(Start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1);
    }

    static bool HasWeights(string folder) =>
        Has(folder, Checkpoint.Single) || Has(folder, Checkpoint.Index) || ShardsWithoutIndex(folder) is not null;

    static bool Has(string folder, string file) => InputFile.Exists(Path.Combine(folder, file));

    static string? KindOf(string folder)
    {
        var names = Entries(folder);
        string? Find(params ReadOnlySpan<string> ends)
        {
            foreach (var end in ends)
                if (names.FirstOrDefault(name => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)) is { } found)
                    return OneLine.Quote(found);
            return null;
        }

        if (names.Contains(Adapter) || names.Any(name => name.StartsWith("adapter_model.", StringComparison.Ordinal)))
            return $"holds an adapter ({TypeOf(folder)}){BaseOf(folder)}, not a model; {HowToMerge}";
        if (Find(".gguf") is { } gguf)
            return $"holds GGUF ({gguf}), expected safetensors; take the checkpoint that it was made from.";
        if (Shards(folder) is [var (_, _, count), ..] shards)
            return $"there are {shards.Count} of {count} files, the first {OneLine.Quote(shards[0].Name)}; "
                + HowToGet(folder);
        if (Find(Checkpoint.Single) is { } link)
            return $"{link} leads to no file; {HowToGet(folder)}";
        if (Incomplete(folder) is not null)
            return $"there is neither {Checkpoint.Single} nor {Checkpoint.Index}; {HowToGet(folder)}";
        if (Find("zero_to_fp32.py", ".distcp") is { } pieces)
            return $"holds the state of a training run in pieces ({pieces}), expected {Checkpoint.Single}; gather them "
                + "into a model, as zero_to_fp32.py of DeepSpeed or the merge of Accelerate does.";
        if (names.FirstOrDefault(IsPickled) is { } bin)
            return $"has weights in PyTorch's own format ({OneLine.Quote(bin)}), expected safetensors; save them anew: "
                + "AutoModelForCausalLM.from_pretrained(folder).save_pretrained(other).";
        if (NewestCheckpoint(folder) is { } newest)
            return $"is the folder of a training run, expected a model; its newest checkpoint is "
                + Path.Combine(folder, newest);
        if (Find(".safetensors") is { } packed && QuantizationOf(folder) is { } quantization)
            return $"the weights are quantized ({packed}, config.json has {quantization}), expected "
                + $"{Checkpoint.Single}; take the unquantized weights.";
        if (Find(".safetensors") is { } other)
            return $"has {other}, expected {Checkpoint.Single}; if it holds the whole model, rename it.";
        if (Find(".msgpack", ".h5", ".onnx", ".ckpt", ".npz") is { } foreign)
            return $"has weights in another format ({foreign}), expected safetensors.";
        return names.Select(name => Path.Combine(folder, name))
            .FirstOrDefault(path => Directory.Exists(path) && HasWeights(path)) is { } inner
            ? $"has no weights; those of a model are in {inner}"
            : null;
    }

    static bool IsPickled(string name) =>
        name is not ("training_args.bin" or "optimizer.bin" or "scheduler.bin" or "optimizer.pt" or "scheduler.pt")
        && !name.StartsWith("rng_state", StringComparison.Ordinal)
        && (name is "pytorch_model.bin.index.json" || Path.GetExtension(name) is ".bin" or ".pt" or ".pth");

    static string TypeOf(string folder) =>
        Field(folder, Adapter, "peft_type") is { IsText: true } type && !type.Is("LORA")
            ? OneLine.Shorten(type.Text())
            : "LoRA";

    static string BaseOf(string folder) =>
        Field(folder, Adapter, "base_model_name_or_path") is { IsText: true } name
            ? $" of {OneLine.Quote(name.Text())}"
            : "";

    // Null where the file does not say it; what is wrong with the file is not the question here.
    static JsonPart? Field(string folder, string file, string name)
    {
        try
        {
            return JsonPart.Read(Path.Combine(folder, file), LargestConfig)[name] is { IsMissing: false } found
                ? found
                : null;
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            return null;
        }
    }

    // A download that stopped leaves its parts: of the cache in `blobs`, of another folder below it.
    static string? Incomplete(string folder)
    {
        string[] places =
        [
            Path.Combine(folder, ".cache", "huggingface", "download"),
            .. HubCache.NameOf(folder) is null
                ? (string[])[]
                : [Path.Combine(folder, "blobs"), Path.Combine(folder, "..", "..", "blobs")],
        ];
        foreach (var place in places)
            if (Directory.Exists(place)
                && Directory.EnumerateFiles(place, "*.incomplete").FirstOrDefault() is { } part)
                return OneLine.Shorten(Path.GetFileName(part));
        return null;
    }

    static List<(string Name, int Number, int Count)> Shards(string folder)
    {
        var found =
            from name in Entries(folder)
            let match = ShardName().Match(name)
            where match.Success
            select (name, Number(match.Groups[1]), Number(match.Groups[2]));
        return [.. found.OrderBy(shard => shard.Item2)];

        static int Number(Capture digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);
    }

    static List<string> Entries(string folder) =>
    [
        .. new DirectoryInfo(folder).EnumerateFileSystemInfos().Take(MostEntries).Select(entry => entry.Name)
            .Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex("^model-([0-9]{5})-of-([0-9]{5})\\.safetensors$")]
    private static partial Regex ShardName();
}
