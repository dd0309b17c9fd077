namespace RatIlgpu.Cli.Analysis;

/// <summary>The options of the metric: its tokens and its position.</summary>
sealed class MetricOptions
{
    public CliOption<string?> Answer { get; } = new("--answer", "token",
        "The token whose logit is looked at: text that is one token, such as ' Mary', or #id. Default: "
            + "the likeliest there.");

    public CliOption<string?> Foil { get; } = new(
        "--foil", "token", "A token that it is compared with: then the difference of the logits is looked at.");

    public CliOption<int> At { get; } = new("--position, -p", "position",
        "The position whose logits are looked at; a negative one counts from the end.", -1);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(TerminalCommand command) => command.AddAll(Answer, Foil, At);

    /// <summary>Returns the position that is requested.</summary>
    public int ReadPosition(ParseResult parsed, int length) => Position(parsed.GetValue(At), length);

    /// <summary>Returns a position counted from 0.</summary>
    public static int Position(int asked, int length)
    {
        if (length == 0)
            throw new UsageException("the prompt is empty: at least one token is needed.");
        return asked >= -length && asked < length
            ? asked < 0 ? asked + length : asked
            : throw new UsageException($"--position is {asked}, expected {-length} to {length - 1}.");
    }

    /// <summary>Returns the tokens that are requested; if there is no answer, the likeliest next token of the
    /// prompt.</summary>
    public LogitTarget ReadTarget(
        ParseResult parsed,
        LanguageModel model,
        ImmutableArray<int> ids,
        int position,
        CancellationToken cancellation)
    {
        var answer = parsed.GetValue(Answer) is { } text
            ? TokenArgument.Read(text, "--answer", model)
            : Likeliest(model.Network, ids.AsSpan()[..(position + 1)], cancellation);
        if (parsed.GetValue(Foil) is not { } foil)
            return new(answer);
        var other = TokenArgument.Read(foil, "--foil", model);
        return other != answer
            ? new(answer, other)
            : throw new UsageException(
                $"--answer and --foil are both {TokenArgument.Show(answer, model)}: their logits do not differ.");
    }

    static int Likeliest(Qwen2Model model, ReadOnlySpan<int> ids, CancellationToken cancellation)
    {
        using var logits = model.Forward(ids, new() { LogitCount = 1, Cancellation = cancellation });
        var numbers = model.Device.Download(logits);
        return numbers.IndexOf(numbers.Max());
    }
}
