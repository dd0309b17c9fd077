using RatIlgpu.Cli.Heads;
using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Ablation;

/// <summary>The samples of a study, from the command line: positions drawn in texts, or prompts with
/// positions.</summary>
/// <param name="HasPrompts">Whether prompts are given.</param>
/// <param name="Position">The positions in prompts that do not have their own.</param>
/// <param name="Corpus">The texts, where there is no prompt.</param>
/// <param name="Asked">How many texts are asked for; null for the usual number.</param>
/// <param name="Usual">The most texts where no number is asked for.</param>
/// <param name="Length">The most tokens of a text.</param>
/// <param name="Seed">The seed of positions, and of the random tokens on which heads are scored.</param>
sealed record AblateSamples(
    bool HasPrompts, Selection Position, TextCorpus Corpus, int? Asked, int Usual, int Length, int Seed)
{
    // Attention to single distances differs much from text to text, and its runs need no logits.
    const int UsualCount = 10, CountOfAttention = 100;

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(TerminalCommand command, CliOptions options) => command.AddAll(
        options.Position, options.Corpus, options.CorpusUnit, options.Sequences, options.Length, options.Seed);

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="hasPrompts">Whether prompts are given.</param>
    /// <param name="study">The study.</param>
    /// <exception cref="UsageException">An option is about prompts and there is none, or about texts and there are
    /// prompts, or texts would be too short for the study.</exception>
    public static AblateSamples Read(ParseResult parsed, CliOptions options, bool hasPrompts, AblateStudy study)
    {
        parsed.Need(hasPrompts, "a prompt", options.Position);
        if (study.IsOfAllPositions && parsed.Has(options.Position))
            throw new UsageException(
                "--position means nothing with --everywhere, which changes all positions; leave it out.");
        foreach (var option in (Option[])
            [options.Corpus, options.CorpusUnit, options.Sequences, options.Length, options.Seed])
            // The seed is also that of the random tokens on which heads are scored.
            if (hasPrompts && parsed.Has(option) && !(study.IsOfAllPositions && option == options.Seed))
                throw new UsageException(
                    $"{option.Name} is about texts of the corpus, and a prompt is given; give one of them.");
        var samples = new AblateSamples(
            hasPrompts, parsed.Get(options.Position)!,
            HeadsSettings.CorpusOf(parsed, options) ?? TextCorpus.BuiltIn,
            parsed.Get(options.Sequences), study.Offsets is null ? UsualCount : CountOfAttention,
            parsed.Get(options.Length), parsed.Get(options.Seed));
        return hasPrompts || study.LeastPosition < samples.Length
            ? samples
            : throw new UsageException(
                $"{study.OptionOfPosition} looks {CountText.Of(study.LeastPosition, "token")} back, and --length "
                + $"leaves {samples.Length} of a text; give a larger --length or a smaller "
                + $"{(study.Offsets is null ? "--sweep" : "--offsets")}.");
    }

    /// <summary>Returns the samples.</summary>
    /// <param name="session">The model, and the prompts.</param>
    /// <param name="study">The study.</param>
    /// <exception cref="ArgumentException">No text is long enough, or a prompt does not have a position.</exception>
    public ImmutableArray<AblationSample> Of(Session session, AblateStudy study)
    {
        if (HasPrompts)
            return [.. session.Prompts.SelectMany(prompt => Of(prompt, session, study))];
        var texts = new TextSequences(
            session.Model.Tokenizer, session.Model.Config.VocabularySize, new() { Most = Length, Seed = Seed });
        foreach (var warning in texts.Warnings)
            session.Note(warning);
        var samples = AblationSample.Draw(texts, Corpus, Asked ?? Usual, study.LeastPosition, Seed);
        if (samples.Length < Asked)
            session.Note(
                FormattableString.Invariant($"--sequences is {Asked}, and the corpus has {samples.Length} ")
                + $"{(samples.Length == 1 ? "text that is" : "texts that are")} long enough; no more samples are run.");
        return samples;
    }

    IEnumerable<AblationSample> Of(Prompt prompt, Session session, AblateStudy study)
    {
        var ids = session.Encode(prompt);
        var least = study.LeastPosition;
        var positions = session.Positions(prompt, Position, ids.Length);
        // Samples of other positions would be the same once more.
        foreach (var position in study.IsOfAllPositions ? [0] : positions)
            yield return position >= least
                ? new([.. ids], position)
                : throw new ArgumentException(
                    $"{prompt.Where}: the position is {position}, expected {least} or more for "
                    + $"{study.OptionOfPosition}.");
    }
}
