using System.Collections.Immutable;
using RatIlgpu.Files;
using RatIlgpu.Models;

namespace RatIlgpu.Verification;

/// <summary>The inputs and reference traces of a golden folder: a checkpoint with <c>golden.json</c> and
/// <c>golden.safetensors</c> beside it.</summary>
/// <param name="Config">The model.</param>
/// <param name="Ids">The tokens of the prompt.</param>
/// <param name="AttentionMask">The mask of the masked run: 1 for a token, 0 for padding.</param>
/// <param name="Traces">The reference traces.</param>
sealed record GoldenFolder(
    Qwen2Config Config,
    ImmutableArray<int> Ids,
    ImmutableArray<int> AttentionMask,
    ImmutableArray<GoldenTrace> Traces)
{
    const int LargestFile = 256 << 20;

    /// <summary>Reads the inputs and traces of a folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has no <c>config.json</c>.</exception>
    /// <exception cref="InvalidDataException">A file is not as it should be, or there is no
    /// <c>golden.json</c>.</exception>
    public static GoldenFolder Read(string folder)
    {
        var path = Path.Combine(folder, "golden.json");
        if (!File.Exists(path))
            throw new InvalidDataException(
                $"{folder}: no golden.json; expected a checkpoint with golden.json and golden.safetensors.");
        var root = JsonPart.Read(path, LargestFile);
        var config = Qwen2Config.Read(folder);
        var tokens = root["input_ids"];
        ImmutableArray<int> ids = [.. tokens.Items().Select(id => id.Whole(0, config.VocabularySize - 1))];
        tokens.Need(!ids.IsEmpty, "at least one token");
        ImmutableArray<int> mask = [.. root["attention_mask"].Items(ids.Length).Select(entry => entry.Whole(0, 1))];
        return new(
            config, ids, mask, [.. root["traces"].Items().Select(trace => GoldenTrace.Read(trace, config, mask))]);
    }
}
