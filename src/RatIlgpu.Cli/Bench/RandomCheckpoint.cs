using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Bench;

/// <summary>Makes a checkpoint of random BF16 weights, once, in a cache folder.</summary>
static class RandomCheckpoint
{
    const float Spread = 0.02f;

    /// <summary>Returns the folder of a shape's checkpoint, which is made if it is not there; a cancelled one leaves no
    /// weights.</summary>
    public static string Make(
        string name, Qwen2Config config, string cache, Terminal terminal, CancellationToken cancellation)
    {
        if (cache.Length == 0)
            throw new UsageException("--cache is empty, expected a folder.");
        if (File.Exists(cache))
            throw new IOException($"{cache}: a file, expected a folder for the checkpoint; give another with --cache.");
        var folder = MakeFolder(name, cache);
        KeepDescription(Path.Combine(folder, "config.json"), Qwen2ConfigWriter.Write(config, DataType.BF16));
        var weights = Path.Combine(folder, "model.safetensors");
        if (File.Exists(weights))
            return folder;
        if (terminal.ShowsProgress)
            terminal.Error.WriteLine($"Making {OneLine.Escape(weights)} of random weights, once.");
        SafetensorsWriter.Write(weights, Qwen2Layout.Tensors(config).Select(weight => Tensor(weight, cancellation)));
        return folder;
    }

    /// <summary>Opens the weights of a folder that <see cref="Make"/> returned.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    public static Checkpoint Open(string folder)
    {
        try
        {
            return Checkpoint.Open(folder);
        }
        catch (InvalidDataException fault)
        {
            // The cure for a file that was downloaded is none here.
            var found = fault.Message.Split("; get the file again")[0].TrimEnd('.');
            throw new InvalidDataException($"{found}; delete the file, and the next bench makes it anew.", fault);
        }
    }

    /// <summary>Returns how many bytes the weights of a shape's checkpoint have.</summary>
    public static long WeightBytes(Qwen2Config config) =>
        Qwen2Layout.Tensors(config).Sum(weight => weight.Shape.Count) * sizeof(ushort);

    /// <summary>Returns how many bytes of weights a single token reads: all but the embedding, of which it reads one
    /// row; a tied one is read whole for the logits.</summary>
    public static long BytesOfToken(Qwen2Config config)
    {
        var embedding = (long)config.VocabularySize * config.HiddenSize * sizeof(ushort);
        return WeightBytes(config) - (config.TiesEmbeddings ? 0 : embedding);
    }

    static string MakeFolder(string name, string cache)
    {
        try
        {
            return Directory.CreateDirectory(Path.Combine(cache, name)).FullName;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{cache}: cannot be written to ({WholeFile.ReasonOf(fault)}); give another with --cache.", fault);
        }
    }

    // A user's own model in that folder keeps its config.json.
    static void KeepDescription(string path, string text)
    {
        if (!File.Exists(path))
            WholeFile.Write(path, text);
        else if (File.ReadAllText(path) != text)
            throw new InvalidDataException(
                $"{path}: describes another model than the bench makes; give another --cache, or delete its folder.");
    }

    static SafetensorsTensor Tensor((string Name, Shape Shape) weight, CancellationToken cancellation)
    {
        // The timing does not depend on the values; uniform random numbers are the fastest to make.
        var mean = weight.Name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0;
        var state = (ulong)weight.Name.Aggregate(17L, (hash, character) => hash * 31 + character) | 1;
        return new SafetensorsTensor(weight.Name, DataType.BF16, weight.Shape, (_, numbers) =>
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (ref var number in numbers)
            {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                number = mean + Spread * ((state >> 40) / (double)(1 << 23) - 1);
            }
        });
    }
}
