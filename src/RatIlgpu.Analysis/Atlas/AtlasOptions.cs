namespace RatIlgpu.Analysis;

/// <summary>On what heads are scored; change it with <c>with</c>.</summary>
public sealed record AtlasOptions
{
    // The pattern of a layer has the square of this for each head.
    const int MostTextLength = 1 << 15;

    /// <summary>Gets the rules by which heads are scored and labelled. Default: robust.</summary>
    public ScoreProfile Profile { get; init; }

    /// <summary>Gets the seed of all drawn sequences. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets the texts. Default: those that come with the library.</summary>
    public TextCorpus Corpus { get; init; } = TextCorpus.BuiltIn;

    /// <summary>Gets how many of the texts are read, at least 0; null for all. Default: 48.</summary>
    public int? Documents { get; init; } = 48;

    /// <summary>Gets how many sequences of a text are read, from its start, at least 1; null for all. Default:
    /// 1.</summary>
    public int? PartsOfDocument { get; init; } = 1;

    /// <summary>Gets the most tokens of a sequence of text, from 32 to 32768. Default: 256.</summary>
    public int TextLength { get; init; } = 256;

    /// <summary>Gets the number of sequences of repeated random tokens, at least 0. Default: 16.</summary>
    public int RepeatSequences { get; init; } = 16;

    /// <summary>Gets how often the tokens of such a sequence come, at least 2. Default: 2.</summary>
    public int Repeats { get; init; } = 2;

    /// <summary>Gets the number of ordered runs, each with a permuted one and a control, at least 0. Default:
    /// 200.</summary>
    public int SuccessorPrompts { get; init; } = 200;

    /// <summary>Gets the number of sentences with a repeated name, each with a control, at least 0. Default:
    /// 160.</summary>
    public int IndirectObjectPrompts { get; init; } = 160;

    /// <summary>Gets whether texts and repeats start with <c>&lt;|endoftext|&gt;</c>, where the tokenizer has that
    /// token. Default: false.</summary>
    public bool StartsWithEndOfText { get; init; }

    /// <summary>Gets the first query of texts that is scored.</summary>
    internal int FirstQuery => Profile == ScoreProfile.Robust ? 8 : 0;

    /// <summary>Gets the first key of the offset profile.</summary>
    internal int FirstProfileKey => Profile == ScoreProfile.Robust ? 1 : 0;

    /// <summary>Throws if an option is out of range.</summary>
    internal void Check()
    {
        if (!Enum.IsDefined(Profile))
            throw new ArgumentOutOfRangeException(nameof(Profile), $"{Profile} is no set of rules.");
        Need(Documents ?? 0, 0, nameof(Documents));
        Need(PartsOfDocument ?? 1, 1, nameof(PartsOfDocument));
        Need(TextLength, 32, nameof(TextLength));
        if (TextLength > MostTextLength)
            throw new ArgumentOutOfRangeException(
                nameof(TextLength),
                FormattableString.Invariant($"TextLength is {TextLength}, expected {MostTextLength} or less."));
        Need(RepeatSequences, 0, nameof(RepeatSequences));
        Need(Repeats, 2, nameof(Repeats));
        Need(SuccessorPrompts, 0, nameof(SuccessorPrompts));
        Need(IndirectObjectPrompts, 0, nameof(IndirectObjectPrompts));
    }

    static void Need(int found, int least, string name)
    {
        if (found < least)
            throw new ArgumentOutOfRangeException(
                name, FormattableString.Invariant($"{name} is {found}, expected {least} or more."));
    }
}
