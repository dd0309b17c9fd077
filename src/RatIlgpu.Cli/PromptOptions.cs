namespace RatIlgpu.Cli;

/// <summary>The options of the prompt and of its continuation by the model.</summary>
sealed class PromptOptions
{
    /// <summary>Gets the options of the text.</summary>
    public PromptText Prompt { get; } = new();

    public CliOption<int> Generate { get; } = new("--generate", "n",
        "Let the model write up to so many tokens first, and trace prompt and continuation together.");

    public CliOption<int?> TraceToken { get; } = new("--trace-token", "number",
        "Trace the generated token of this number, from 0; a negative one counts from the end.");

    public CliOption<double> Temperature { get; } = new("--temperature", "t",
        "The temperature of the generation. Default: 0, always the likeliest token.", Parsing.Number);

    public CliOption<double> TopP { get; } = new(
        "--top-p", "p", "The probability mass the generation samples from.", 1, Parsing.Number);

    public CliOption<int> Seed { get; } = new("--seed", "n", "The seed of the generation. Default: 0.");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(TerminalCommand command)
    {
        Prompt.AddTo(command);
        command.AddAll(Generate, TraceToken, Temperature, TopP, Seed);
    }

    /// <summary>Generates a continuation of the prompt, if one is requested.</summary>
    public ImmutableArray<int> Continue(
        ParseResult parsed,
        LanguageModel model,
        ImmutableArray<int> ids,
        ImmutableArray<int>? attentionMask,
        CancellationToken cancellation)
    {
        var count = parsed.GetValue(Generate);
        if (count < 0)
            throw new UsageException($"--generate is {count}, expected 0 or more.");
        var sampling = new SamplingOptions
        {
            Temperature = parsed.GetValue(Temperature),
            TopP = parsed.GetValue(TopP),
            Seed = parsed.GetValue(Seed),
        };
        return [.. new TextGenerator(model).Generate(ids.AsSpan(), count, sampling, attentionMask, cancellation)];
    }

    /// <summary>Returns the position of the generated token to trace; null where none is requested.</summary>
    public int? TracedPosition(ParseResult parsed, int promptLength, int generated)
    {
        if (parsed.GetValue(TraceToken) is not { } token)
            return null;
        if (parsed.GetValue(Generate) == 0)
            throw new UsageException("--trace-token needs --generate.");
        if (generated == 0)
            throw new ArgumentException("--trace-token has nothing to trace: the model ended the text at once.");
        if (token < -generated || token >= generated)
            throw new ArgumentException(
                $"--trace-token is {token}, expected {-generated} to {generated - 1}: the model ended its text after "
                + $"{generated} tokens.");
        return promptLength + (token < 0 ? token + generated : token);
    }
}
