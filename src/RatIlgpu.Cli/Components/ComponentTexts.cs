using RatIlgpu.Cli.Heads;
using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Components;

/// <summary>The sequences on which components are measured.</summary>
/// <param name="Corpus">The texts.</param>
/// <param name="Documents">How many are read; null for all.</param>
/// <param name="Length">The most tokens of a text.</param>
/// <param name="Seed">The seed of random tokens.</param>
sealed record ComponentTexts(TextCorpus Corpus, int? Documents, int Length, int Seed)
{
    /// <summary>How many texts are read unless told otherwise: a thousand tokens tell how often a component is
    /// active.</summary>
    public const int UsualDocuments = 4;

    // A few short sequences tell what a head does: effects are far above their spread.
    const int RepeatSequences = 3, LeastHalfLength = 32, MostHalfLength = 64;

    // Of the texts that are too short.
    const int Named = 3;

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">One means nothing without another.</exception>
    public static ComponentTexts Read(ParseResult parsed, CliOptions options)
    {
        var documents = parsed.Get(options.Documents) is { } given ? given.Number : UsualDocuments;
        return documents == 0
            ? throw new UsageException("--documents is 0, expected 1 or more, or all.")
            : new(
                HeadsSettings.CorpusOf(parsed, options) ?? TextCorpus.BuiltIn, documents,
                parsed.Get(options.TextLength), parsed.Get(options.Seed));
    }

    /// <summary>Returns the tokens of the texts, the first part of each.</summary>
    /// <param name="model">The model.</param>
    /// <param name="notes">Is told which texts are too short.</param>
    /// <exception cref="InvalidDataException">A file cannot be read or has no text.</exception>
    public ImmutableArray<ValueArray<int>> Of(LanguageModel model, TextWriter notes)
    {
        var small = new List<string>();
        var texts = new TextSequences(
            model.Tokenizer, model.Config.VocabularySize, new() { Most = Length, Seed = Seed });
        ImmutableArray<ValueArray<int>> found =
        [
            .. texts.Read(Corpus, skipped: NoteSmall).Where(sequence => sequence.Part == 0)
                .Take(Documents ?? int.MaxValue).Select(sequence => sequence.Ids),
        ];
        if (small.Count > 0)
            notes.WriteLine(FormattableString.Invariant(
                $"ratilgpu: note: texts with fewer than {new TextSequenceOptions().Least} tokens are left out, ")
                + FormattableString.Invariant($"{small.Count}: {string.Join(", ", small.Take(Named))}")
                + (small.Count > Named ? ", …" : ""));
        return found;

        // The last part of a longer text may be short.
        void NoteSmall(TextSequence sequence)
        {
            if (sequence.Part == 0)
                small.Add(OneLine.Shorten(sequence.Name));
        }
    }

    /// <summary>Returns sequences of random tokens that come twice; none where the model has too few tokens.</summary>
    public ImmutableArray<RepeatedSequence> Repeats(LanguageModel model)
    {
        var (tokenizer, vocabulary) = (model.Tokenizer, model.Config.VocabularySize);
        if (TokenPool.Of(tokenizer, vocabulary).Count < 2)
            return [];
        var repeats = new RepeatedSequences(tokenizer, vocabulary, new()
        {
            Seed = Seed,
            LeastHalfLength = LeastHalfLength,
            MostHalfLength = MostHalfLength,
        });
        return [.. Enumerable.Range(0, RepeatSequences).Select(repeats.Make)];
    }
}
