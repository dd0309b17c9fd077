using RatIlgpu.Cli.Heads;
using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Checkpoints;

/// <summary>What of two checkpoints is compared, from the command line.</summary>
sealed class DiffSettings
{
    readonly AtlasOptions heads;
    readonly (string? A, string? B) atlases;
    readonly bool scores, runsTexts, isSeeded;
    readonly Func<Terminal, CancellationToken, ImmutableArray<Prompt>> readPrompts;

    DiffSettings(
        AtlasOptions heads,
        (string? A, string? B) atlases,
        bool scores,
        bool runsTexts,
        bool isSeeded,
        Func<Terminal, CancellationToken, ImmutableArray<Prompt>> readPrompts) =>
        (this.heads, this.atlases, this.scores, this.runsTexts, this.isSeeded, this.readPrompts) =
            (heads, atlases, scores, runsTexts, isSeeded, readPrompts);

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options)
    {
        command.AddAll(options.Text, options.Ids, options.Prompts);
        command.AddAll(Texts(options));
        command.AddAll(OfScores(options));
        command.AddAll(options.Seed, options.NoTexts, options.AtlasA, options.AtlasB, options.Scores);
    }

    /// <summary>Reads the options; files are read later.</summary>
    /// <exception cref="UsageException">Options contradict each other, or one means nothing without
    /// another.</exception>
    public static DiffSettings Read(ParseResult parsed, CliOptions options)
    {
        var (atlases, scores) = ((parsed.Get(options.AtlasA), parsed.Get(options.AtlasB)), parsed.Get(options.Scores));
        parsed.Need(parsed.Has(options.AtlasB), "--atlas-b", options.AtlasA);
        parsed.Need(parsed.Has(options.AtlasA), "--atlas-a", options.AtlasB);
        if (scores && parsed.Has(options.AtlasA))
            throw new UsageException(
                "--scores makes the scores that --atlas-a and --atlas-b give; leave it out, or leave them out.");
        parsed.Need(scores, "--scores", OfScores(options));
        var prompts = Prompts(parsed, options);
        var runsTexts = !parsed.Get(options.NoTexts);
        if (!runsTexts && prompts is not null)
            throw new UsageException("a prompt is given, and --no-texts runs none; leave one of them out.");
        CheckTexts(parsed, options, hasTexts: runsTexts && prompts is null, hasScores: scores);
        return new(
            HeadsSettings.Read(parsed, options).Options, atlases, scores, runsTexts, parsed.Has(options.Seed),
            prompts ?? ((_, _) => []));
    }

    /// <summary>Refuses a seed where nothing is drawn at random.</summary>
    /// <param name="a">The first model.</param>
    /// <param name="b">The second model.</param>
    /// <exception cref="ArgumentException">There is one, heads are not scored, and a model has a
    /// tokenizer.</exception>
    public void CheckSeed(LanguageModel a, LanguageModel b)
    {
        if (isSeeded && !scores && (a.Tokenizer.EncodesTexts || b.Tokenizer.EncodesTexts))
            throw new ArgumentException(
                "--seed means nothing here: the models have a tokenizer and run on texts, of which none is drawn at "
                + "random; leave --seed out, or score the heads with --scores.");
    }

    /// <summary>Reads the atlases, before anything is computed.</summary>
    /// <exception cref="FileNotFoundException">One is not there.</exception>
    /// <exception cref="InvalidDataException">One is no atlas.</exception>
    public DiffOptions ReadAtlases() => new()
    {
        RunsTexts = runsTexts,
        Corpus = heads.Corpus,
        Documents = heads.Documents,
        PartsOfDocument = heads.PartsOfDocument,
        TextLength = heads.TextLength,
        Seed = heads.Seed,
        Scores = scores ? heads : null,
        AtlasA = atlases.A is { } a ? HeadAtlasJson.ReadScores(a) : null,
        AtlasB = atlases.B is { } b ? HeadAtlasJson.ReadScores(b) : null,
    };

    /// <summary>Reads the prompts, which may be on standard input.</summary>
    public ImmutableArray<Prompt> ReadPrompts(Terminal terminal, CancellationToken cancellation) =>
        readPrompts(terminal, cancellation);

    // Scores have texts of their own, and may do without: other sequences are left.
    static void CheckTexts(ParseResult parsed, CliOptions options, bool hasTexts, bool hasScores)
    {
        if (hasTexts && parsed.Get(options.Documents) is { Number: 0 })
            throw new UsageException(
                "--documents is 0, expected 1 or more, or all; --no-texts leaves the texts out.");
        if (hasTexts || hasScores)
            return;
        var cause = parsed.Get(options.NoTexts) ? options.NoTexts.Name : "the prompt";
        foreach (var option in (Option[])[.. Texts(options), options.Seed])
            if (parsed.Has(option))
                throw new UsageException(
                    $"{option.Name} means nothing here: it is about texts, which {cause} leaves out; leave out {cause} "
                    + $"or {option.Name}.");
    }

    static ReadOnlySpan<Option> Texts(CliOptions options) => new Option[]
    {
        options.Corpus, options.CorpusUnit, options.Documents, options.PartsOfDocument, options.TextLength,
    };

    static ReadOnlySpan<Option> OfScores(CliOptions options) => new Option[]
    {
        options.RepeatSequences, options.SuccessorPrompts, options.IndirectObjectPrompts, options.StartsWithEndOfText,
        options.ScoreProfile,
    };

    // Null where texts are run in their place.
    static Func<Terminal, CancellationToken, ImmutableArray<Prompt>>? Prompts(ParseResult parsed, CliOptions options)
    {
        Option[] given =
            [.. new Option[] { options.Text, options.Ids, options.Prompts }.Where(option => parsed.Has(option))];
        if (given is [var one, var other, ..])
            throw new UsageException($"{one.Name} and {other.Name} both give prompts; give one of them.");
        if (given.Length == 0)
            return null;
        if (parsed.Get(options.Text) is { } text)
            return text.Length > 0
                ? (_, _) => [new(PromptText.Unmarked(text), "--text")]
                : throw new UsageException("the prompt is empty, expected at least one token.");
        if (parsed.Has(options.Ids))
            return (_, _) => [new(null, "--ids") { Ids = parsed.Get(options.Ids) }];
        var file = parsed.Get(options.Prompts)!;
        return (terminal, cancellation) => file == "-"
            ? PromptFile.Parse(terminal.ReadInput(cancellation), "standard input")
            : PromptFile.Read(file);
    }
}
