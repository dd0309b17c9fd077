namespace RatIlgpu.Cli.Tracing;

/// <summary>Says in words how tokens are sampled, and what the model suggests.</summary>
static class SamplingText
{
    /// <summary>Returns the words for a report; null where the likeliest token is taken and nothing else is
    /// suggested.</summary>
    public static string? Of(TraceSettings settings, LanguageModel model)
    {
        var applied = Words(settings.SamplingOf(model));
        if (settings.SamplesAsSuggested)
            return $"{applied}, as {GenerationDefaults.FileName} suggests";
        var suggested = model.GenerationDefaults is { } defaults ? Suggested(defaults) : null;
        return suggested is not null
            ? $"{applied}; {GenerationDefaults.FileName} suggests {suggested}, which {Cure(model)}"
            : settings.Sampling.Temperature > 0 ? applied : null;
    }

    static string Cure(LanguageModel model)
    {
        try
        {
            SamplingOptions.Of(model.GenerationDefaults!);
            return "--sampling suggested applies";
        }
        catch (InvalidDataException)
        {
            return "cannot be applied here";
        }
    }

    static string Words(SamplingOptions options)
    {
        string[] words =
        [
            options.Temperature == 0 ? "the likeliest token" : Number("temperature", options.Temperature),
            .. Setting("top-k", options.TopK, 0),
            .. Setting("top-p", options.TopP, 1),
            .. Setting("min-p", options.MinP, 0),
            .. Setting("repetition penalty", options.RepetitionPenalty, 1),
        ];
        return string.Join(", ", words);
    }

    // The numbers as the file has them, since not all of them can be sampled with.
    static string? Suggested(GenerationDefaults defaults)
    {
        string[] words =
        [
            .. defaults.DoesSample
                ? (string[])
                [
                    Number("temperature", defaults.Temperature ?? 1),
                    .. Setting("top-k", defaults.TopK ?? 50, 0),
                    .. Setting("top-p", defaults.TopP ?? 1, 1),
                    .. Setting("min-p", defaults.MinP ?? 0, 0),
                ]
                : [],
            .. Setting("repetition penalty", defaults.RepetitionPenalty ?? 1, 1),
            .. defaults.Others,
        ];
        return words.Length > 0 ? string.Join(", ", words) : null;
    }

    static IEnumerable<string> Setting(string name, double value, double off) =>
        value == off ? [] : [Number(name, value)];

    static string Number(string name, double value) => FormattableString.Invariant($"{name} {value}");
}
