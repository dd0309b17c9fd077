namespace RatIlgpu.Cli.Options;

/// <content>The atlas of heads.</content>
sealed partial class CliOptions
{
    // Made when an option of the atlas is: it reads the texts that come with the command.
    static AtlasOptions AtlasDefaults => field ??= new();

    /// <summary>Gets the files of texts.</summary>
    public CliOption<ImmutableArray<string>> Corpus => field ??= new(OptionGroup.Sequences, "--corpus", "FILES",
        "Texts of your own, UTF-8, with commas between files; of a file that ends in .jsonl, the key text of each "
            + "line. Default: the texts that come with the command.",
        text => [.. text.Split(',').Select(Parsing.Name("the file of texts"))]);

    /// <summary>Gets what of a file is one text.</summary>
    public CliOption<CorpusUnit> CorpusUnit => field ??= new(OptionGroup.Sequences, "--corpus-unit",
        Words.Choice<CorpusUnit>(),
        "What is one text: the whole file, or each line of it, as always of .jsonl files.",
        text => Words.Read<CorpusUnit>(text), "file");

    /// <summary>Gets the number of texts.</summary>
    public CliOption<CountOrAll?> Documents => field ??= new(OptionGroup.Sequences, "--documents", "N|all",
        $"How many of the texts are read. Default: {AtlasDefaults.Documents}; all with --corpus.",
        text => CountOrAll.Parse(text, 0));

    /// <summary>Gets the number of sequences of a text.</summary>
    public CliOption<CountOrAll?> PartsOfDocument => field ??= new(OptionGroup.Sequences, "--parts-of-document",
        "N|all",
        $"How many sequences of a text are read, from its start. Default: {AtlasDefaults.PartsOfDocument}; all with "
            + "--corpus.",
        text => CountOrAll.Parse(text, 1));

    /// <summary>Gets the length of a sequence of text.</summary>
    public CliOption<int> TextLength => field ??= new(OptionGroup.Sequences, "--text-length", "N",
        "The most tokens of a sequence of text.", Parsing.Whole(32, 1 << 15),
        $"{AtlasDefaults.TextLength}");

    /// <summary>Gets the number of repeated sequences.</summary>
    public CliOption<int> RepeatSequences => field ??= new(OptionGroup.Sequences, "--repeat-sequences", "N",
        "How many sequences of random tokens that come twice are run.", Parsing.Whole(0),
        $"{AtlasDefaults.RepeatSequences}");

    /// <summary>Gets the number of ordered runs.</summary>
    public CliOption<int> SuccessorPrompts => field ??= new(OptionGroup.Sequences, "--successor-prompts", "N",
        "How many runs of ordered words are run, each with its controls.", Parsing.Whole(0),
        $"{AtlasDefaults.SuccessorPrompts}");

    /// <summary>Gets the number of sentences with names.</summary>
    public CliOption<int> IndirectObjectPrompts => field ??= new(OptionGroup.Sequences, "--indirect-object-prompts",
        "N", "How many sentences with a repeated name are run, each with its control.", Parsing.Whole(0),
        $"{AtlasDefaults.IndirectObjectPrompts}");

    /// <summary>Gets the switch that puts a token before texts and repeats.</summary>
    public CliSwitch StartsWithEndOfText => field ??= new(OptionGroup.Sequences, "--starts-with-end-of-text",
        "Put <|endoftext|> before texts and repeats, where the tokenizer has that token.");

    /// <summary>Gets the rules of scores.</summary>
    public CliOption<ScoreProfile> ScoreProfile => field ??= new(OptionGroup.Analysis, "--score-profile",
        Words.Choice<ScoreProfile>(),
        "The rules: robust, with chance levels, intervals and controls; or pr403, the formulas and thresholds of the "
            + "first published suite of detectors.",
        text => Words.Read<ScoreProfile>(text), "robust");

    /// <summary>Gets the shard.</summary>
    public CliOption<AtlasShard?> Shard => field ??= new(OptionGroup.Sequences, "--shard", "I/N",
        "Run one of N parts of the sequences, such as 1/4 to 4/4, and keep it with --partial; 'ratilgpu heads merge' "
            + "makes an atlas of all.",
        text => ReadShard(text));

    /// <summary>Gets the longest time.</summary>
    public CliOption<double?> MaxMinutes => field ??= new(OptionGroup.Sequences, "--max-minutes", "M",
        "Stop after the sequences in which so many minutes end; the exit code is 3 then.",
        text => Parsing.Number(double.Epsilon, 1e6, "more than 0 and at most 1000000")(text));

    /// <summary>Gets the file of sums.</summary>
    public CliOption<string?> Partial => field ??= new(OptionGroup.Output, "--partial", "FILE",
        "Keep the sums in this file while they grow: the same command goes on from there if it is stopped.",
        Parsing.BinaryFile);

    /// <summary>Gets the switch that leaves ablations out.</summary>
    public CliSwitch NoVerdicts => field ??= new(OptionGroup.Analysis, "--no-verdicts",
        "Do not run the model without the heads of each role, which takes most of the time of a small atlas.");

    /// <summary>Gets the switch that leaves feeding heads out.</summary>
    public CliSwitch NoFeeders => field ??= new(OptionGroup.Analysis, "--no-feeders",
        "Do not look for the earlier heads that feed those with a role.");

    /// <summary>Gets the number of full cards.</summary>
    public CliOption<int> Cards => field ??= new(OptionGroup.Output, "--cards", "N",
        "How many heads have a full card on the page, with examples and vectors: the most confident of each role in "
            + "turn.",
        Parsing.Whole(0), $"{new AtlasDetail().Cards}");

    /// <summary>Gets the switch that merges sums of different rounding.</summary>
    public CliSwitch AllowMixture => field ??= new(OptionGroup.Sequences, "--allow-mixture",
        "Merge parts from devices, widths of vectors or versions that differ; their rounding does too.");

    static AtlasShard? ReadShard(string text)
    {
        try
        {
            return AtlasShard.Parse(text);
        }
        catch (FormatException)
        {
            throw new FormatException(
                $"is '{OneLine.Shorten(text)}', expected a number and how many there are, such as 1/4 to 4/4.");
        }
    }
}

/// <summary>A number, or all.</summary>
/// <param name="Number">The number; null for all.</param>
readonly record struct CountOrAll(int? Number)
{
    /// <summary>Reads a number or <c>all</c>.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static CountOrAll Parse(string text, int least) => new(text == "all" ? null : Parsing.Whole(least)(text));
}
