using RatIlgpu.Files;

namespace RatIlgpu.Models;

/// <summary>How the authors of a checkpoint generate with it, as its <c>generation_config.json</c> says.</summary>
/// <remarks>The fields are those of Hugging Face's <c>GenerationConfig</c>. Numbers stand as in the file, whether or
/// not one can sample with them; a field that is absent or null is null here.</remarks>
public sealed record GenerationDefaults
{
    /// <summary>The name of the file in the folder of a checkpoint.</summary>
    public const string FileName = "generation_config.json";

    const int MostBytes = 1 << 20;

    // Settings that change which tokens are chosen, with the value that leaves them off; null for those that only an
    // absent value, false or an empty list leaves off. Settings of how fast or how long one writes are not among them.
    static readonly (string Name, double? Off)[] Further =
    [
        ("num_beams", 1), ("penalty_alpha", 0), ("typical_p", 1), ("epsilon_cutoff", 0), ("eta_cutoff", 0),
        ("top_h", null), ("encoder_repetition_penalty", 1), ("no_repeat_ngram_size", 0),
        ("encoder_no_repeat_ngram_size", 0), ("min_length", 0), ("min_new_tokens", 0), ("bad_words_ids", null),
        ("force_words_ids", null), ("constraints", null), ("sequence_bias", null), ("suppress_tokens", null),
        ("begin_suppress_tokens", null), ("forced_bos_token_id", null), ("forced_eos_token_id", null),
        ("exponential_decay_length_penalty", null), ("guidance_scale", 1), ("watermarking_config", null),
        ("stop_strings", null), ("dola_layers", null),
    ];

    /// <summary>Gets the tokens that end a text; null where the file leaves that to <c>config.json</c>.</summary>
    public ValueArray<int>? EndTokenIds { get; init; }

    /// <summary>Gets whether tokens are sampled; otherwise the likeliest is taken.</summary>
    public bool DoesSample { get; init; }

    /// <summary>Gets the temperature.</summary>
    public double? Temperature { get; init; }

    /// <summary>Gets the number of likeliest tokens that are sampled from; 0 for all.</summary>
    public int? TopK { get; init; }

    /// <summary>Gets the probability mass that is sampled from.</summary>
    public double? TopP { get; init; }

    /// <summary>Gets the least probability of a sampled token, relative to that of the likeliest.</summary>
    public double? MinP { get; init; }

    /// <summary>Gets the penalty of tokens that the text already has.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>Gets the further settings that are on, which no generation here has, each with its value, such as
    /// <c>no_repeat_ngram_size 3</c>.</summary>
    public ValueArray<string> Others { get; init; } = [];

    /// <summary>Reads the <c>generation_config.json</c> of a folder.</summary>
    /// <returns>The settings; null where the folder has no such file.</returns>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static GenerationDefaults? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!Path.Exists(path))
            return null;
        try
        {
            return Parse(JsonPart.Read(path, MostBytes));
        }
        catch (InvalidDataException fault)
        {
            // A message that ends with a command has no full stop.
            throw new InvalidDataException(
                $"{fault.Message.TrimEnd('.')}. Mend the file, or delete it: then config.json says what ends a text.",
                fault);
        }
    }

    static GenerationDefaults Parse(JsonPart fields) => new()
    {
        EndTokenIds = EndTokens.Read(fields["eos_token_id"]),
        DoesSample = fields["do_sample"].OrNull?.Flag() ?? false,
        Temperature = fields["temperature"].OrNull?.Number(),
        TopK = fields["top_k"].OrNull?.Whole(int.MinValue),
        TopP = fields["top_p"].OrNull?.Number(),
        MinP = fields["min_p"].OrNull?.Number(),
        RepetitionPenalty = fields["repetition_penalty"].OrNull?.Number(),
        Others =
        [
            .. Further.Where(one => IsOn(fields[one.Name], one.Off))
                .Select(one => $"{one.Name} {OneLine.Shorten(Encoding.UTF8.GetString(fields[one.Name].Raw))}"),
        ],
    };

    static bool IsOn(JsonPart setting, double? off) =>
        !(setting.IsMissing || setting.IsFalse || setting.IsEmptyList || setting.IsEmptyObject)
        && !(off is { } number && setting.Is(number));
}
