using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Heads;

/// <summary>On what heads are scored, and how long, from the command line.</summary>
/// <param name="Options">The sequences and the rules.</param>
/// <param name="Shard">The shard.</param>
/// <param name="Partial">The file of the sums; null for none.</param>
/// <param name="MaxMinutes">The longest time; null for any.</param>
sealed record HeadsSettings(AtlasOptions Options, AtlasShard Shard, string? Partial, double? MaxMinutes)
{
    /// <summary>Gets whether the run makes a shard alone, and no atlas.</summary>
    public bool IsShard => Shard.Count > 1;

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options)
    {
        command.AddAll(
            options.Corpus, options.CorpusUnit, options.Documents, options.PartsOfDocument, options.TextLength,
            options.RepeatSequences, options.SuccessorPrompts, options.IndirectObjectPrompts,
            options.StartsWithEndOfText, options.ScoreProfile, options.Seed, options.Partial, options.MaxMinutes);
        options.AddModel(command);
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">One means nothing without another.</exception>
    public static HeadsSettings Read(ParseResult parsed, CliOptions options)
    {
        var corpus = CorpusOf(parsed, options);
        var defaults = new AtlasOptions();
        var atlas = defaults with
        {
            Profile = parsed.Get(options.ScoreProfile),
            Seed = parsed.Get(options.Seed),
            TextLength = parsed.Get(options.TextLength),
            RepeatSequences = parsed.Get(options.RepeatSequences),
            SuccessorPrompts = parsed.Get(options.SuccessorPrompts),
            IndirectObjectPrompts = parsed.Get(options.IndirectObjectPrompts),
            StartsWithEndOfText = parsed.Get(options.StartsWithEndOfText),
            Documents = CountOf(options.Documents, defaults.Documents),
            PartsOfDocument = CountOf(options.PartsOfDocument, defaults.PartsOfDocument),
            Corpus = corpus ?? defaults.Corpus,
        };
        var (shard, partial) = (parsed.Get(options.Shard) ?? AtlasShard.Whole, parsed.Get(options.Partial));
        parsed.Need(partial is not null, "--partial, which keeps what the shard finds", options.Shard);
        if (shard.Count > 1)
            foreach (var option in (Option[])[.. AtlasFiles.Options(options), .. HeadsDetail.Options(options)])
                if (parsed.Has(option))
                    throw new UsageException(
                        $"{option.Name} is about an atlas, and a shard of several makes none; leave it out, and give "
                        + "it to 'ratilgpu heads merge'.");
        return new(atlas, shard, partial, parsed.Get(options.MaxMinutes));

        int? CountOf(CliOption<CountOrAll?> option, int? initial) =>
            parsed.Get(option) is { } given ? given.Number : corpus is null ? initial : null;
    }

    /// <summary>Returns the texts of files; null where none are given.</summary>
    /// <exception cref="UsageException">A unit is given without files, or <c>.jsonl</c> files are no whole
    /// texts.</exception>
    public static TextCorpus? CorpusOf(ParseResult parsed, CliOptions options)
    {
        var files = parsed.List(options.Corpus);
        parsed.Need(!files.IsEmpty, "--corpus", options.CorpusUnit);
        return files.IsEmpty ? null : TextCorpus.OfFiles(files, UnitOf(files, parsed, options));
    }

    // As one text, a file of objects would be scored with its braces and keys.
    static CorpusUnit UnitOf(ImmutableArray<string> files, ParseResult parsed, CliOptions options)
    {
        var unit = parsed.Get(options.CorpusUnit);
        if (unit == CorpusUnit.Line || files.FirstOrDefault(HasLines) is not { } first)
            return unit;
        return !parsed.Has(options.CorpusUnit) && files.All(HasLines)
            ? CorpusUnit.Line
            : throw new UsageException(
                $"--corpus names {first}, each line of which has a text; give --corpus-unit line, or files that do not "
                + "end in .jsonl.");

        static bool HasLines(string file) => file.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Checks, before anything is computed, that the sums can be kept.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try()
    {
        if (Partial is not null)
            JsonOutput.TryFile(Partial, "--partial");
    }
}
