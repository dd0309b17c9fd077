using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The tokens or the direction that are looked at, from the command line.</summary>
/// <param name="Answer">The answer; null for the likeliest token.</param>
/// <param name="Foil">The foil; null for none.</param>
/// <param name="DirectionFile">The file of a direction; null for none.</param>
sealed record MetricOptions(string? Answer, string? Foil, string? DirectionFile)
{
    StreamDirection? direction;

    /// <summary>Gets the direction; null for none. The file is read when it is first asked for.</summary>
    /// <exception cref="InvalidDataException">The file holds no direction.</exception>
    public StreamDirection? Direction =>
        direction ??= DirectionFile is null ? null : StreamDirection.Load(DirectionFile);

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">They contradict each other.</exception>
    public static MetricOptions Read(ParseResult parsed, CliOptions options)
    {
        var found = new MetricOptions(
            parsed.Get(options.Answer), parsed.Get(options.Foil), parsed.Get(options.Direction));
        if (found.DirectionFile is not null && (found.Answer ?? found.Foil) is not null)
            throw new UsageException("--direction stands in the place of tokens; leave --answer and --foil out.");
        return found with
        {
            Answer = Need(found.Answer, "--answer"),
            Foil = Need(found.Foil, "--foil"),
        };
    }

    /// <summary>Gets whether the likeliest token is the answer unless a prompt has its own.</summary>
    public bool TakesLikeliest => Answer is null && DirectionFile is null;

    /// <summary>Checks the answers that are given, before anything runs.</summary>
    /// <exception cref="ArgumentException">One is not one token.</exception>
    public void Check(Session session)
    {
        foreach (var prompt in session.Prompts)
            if (prompt.Answer is not null || !TakesLikeliest)
                TargetOf(prompt, session.Model, () => 0);
    }

    /// <summary>Returns what is looked at in a prompt.</summary>
    /// <param name="prompt">The prompt, which may have an answer and a foil of its own.</param>
    /// <param name="model">The model.</param>
    /// <param name="likeliest">Returns the likeliest next token.</param>
    /// <exception cref="ArgumentException">A text is not one token, or answer and foil are the same.</exception>
    public LogitTarget TargetOf(Prompt prompt, LanguageModel model, Func<int> likeliest)
    {
        if (Direction is { } along)
            return new(along);
        var answer = prompt.Answer is { } own ? TokenArgument.Read(own, $"{prompt.Where}: answer", model)
            : Answer is { } text ? TokenArgument.Read(text, "--answer", model)
            : likeliest();
        if ((prompt.Foil ?? Foil) is not { } foilText)
            return new(answer);
        var foil = TokenArgument.Read(foilText, prompt.Foil is null ? "--foil" : $"{prompt.Where}: foil", model);
        return foil != answer
            ? new(answer, foil)
            : throw new ArgumentException(
                $"{prompt.Where}: answer and foil are both {TokenArgument.Show(answer, model)}: their logits do not "
                + "differ.");
    }

    /// <summary>Returns the hint that the other spelling of an answer, with or without a space before it, is a likelier
    /// token; null if it is not.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="model">The model.</param>
    /// <param name="logitsOf">Returns the logits of the next token, <c>[vocabulary]</c>; null where they are not
    /// known.</param>
    public string? HintOf(Prompt prompt, LanguageModel model, Func<float[]?> logitsOf)
    {
        if ((prompt.Answer ?? Answer) is not { } text || text.StartsWith('#')
            || TokenArgument.OtherSpelling(text, model.Tokenizer) is not { } other || logitsOf() is not { } logits)
            return null;
        var given = TokenArgument.Read(text, "--answer", model);
        return logits[other] > logits[given]
            ? $"{TokenArgument.Show(other, model)} is a token too, and likelier here than "
                + $"{TokenArgument.Show(given, model)}: was it meant?"
            : null;
    }

    static string? Need(string? text, string option) =>
        text is "" ? throw new UsageException($"{option} is empty, expected text that is one token, or #id.") : text;
}
