namespace RatIlgpu.Analysis;

/// <summary>Cuts texts into sequences of tokens; no sequence has tokens of two texts.</summary>
/// <remarks>A sequence is known by the number of its text and its part of that text. A shard is the texts whose number
/// has one remainder, so that a text is cut by one shard alone, and the sequences of all shards together are those of
/// the whole.</remarks>
public sealed class TextSequences
{
    readonly Tokenizer tokenizer;
    readonly int vocabularySize;
    readonly TextSequenceOptions options;
    readonly SequenceStart start;
    readonly TokenPool? pool;

    /// <summary>Prepares to cut texts for a model.</summary>
    /// <param name="tokenizer">The tokenizer; where the model has none, sequences are of random tokens.</param>
    /// <param name="vocabularySize">The number of tokens that the model has an embedding of.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public TextSequences(Tokenizer tokenizer, int vocabularySize, TextSequenceOptions? options = null)
    {
        (this.tokenizer, this.vocabularySize, this.options) = (tokenizer, vocabularySize, options ?? new());
        start = SequenceStart.Of(tokenizer, vocabularySize, this.options.StartsWithEndOfText);
        this.options.Check(start.Ids.Length);
        Warnings = start.Warning is { } missing ? [missing] : [];
        if (tokenizer.EncodesTexts)
            return;
        pool = TokenPool.Of(tokenizer, vocabularySize);
        Warnings = Warnings.Add(
            "The model has no tokenizer: the sequences of texts are random tokens, and scores on them say nothing "
            + "about texts.");
    }

    /// <summary>Gets what differs from the options, a sentence each; usually nothing.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Gets the fewest tokens of a text in a sequence; shorter ones are left out.</summary>
    internal int Least => options.Least;

    /// <summary>Reads the sequences of a shard one by one; a text is read and cut when its first sequence is asked
    /// for.</summary>
    /// <param name="corpus">The texts.</param>
    /// <param name="shard">The shard: from 0 to below their number.</param>
    /// <param name="shards">The number of shards; at least 1.</param>
    /// <param name="skipped">Called for each part that is too short, with its place and number of tokens; null for
    /// nobody.</param>
    /// <returns>The sequences, in the order of the texts and their parts. Without a tokenizer, one of random tokens for
    /// each text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read or has no text, or a text has a token that the
    /// model has no embedding of.</exception>
    public IEnumerable<TextSequence> Read(
        TextCorpus corpus, int shard = 0, int shards = 1, Action<TextSequence>? skipped = null)
    {
        foreach (var document in corpus.Documents(shard, shards))
            foreach (var sequence in Cut(document))
                if (sequence.Ids.Length - sequence.Start >= options.Least)
                    yield return sequence;
                else
                    skipped?.Invoke(sequence);
    }

    // All parts, with those that are too short.
    IEnumerable<TextSequence> Cut(CorpusDocument document)
    {
        var length = options.Most - start.Ids.Length;
        if (pool is not null)
        {
            var random = new RandomSequences(pool, options.Seed).Make(document.Number, length);
            return [new(document.Number, 0, document.Name, [.. start.Ids, .. random], start.Ids.Length)];
        }

        var ids = tokenizer.Encode(document.Text).Ids;
        foreach (var id in ids)
            if (id >= vocabularySize)
                throw new InvalidDataException(FormattableString.Invariant(
                    $"{document.Name}: has the token {id}, {OneLine.Quote(tokenizer.Token(id).Text)}, expected one of ")
                    + FormattableString.Invariant($"the {vocabularySize} that the model has an embedding of; leave ")
                    + "the text of that token out.");
        return ids.Chunk(length).Select((part, number) => new TextSequence(
            document.Number, number, document.Name, [.. start.Ids, .. part], start.Ids.Length));
    }
}

/// <summary>A part of a text as tokens.</summary>
/// <param name="Document">The number of the text in its corpus.</param>
/// <param name="Part">The number of the part in its text, from 0.</param>
/// <param name="Name">The place of the text, such as its file.</param>
/// <param name="Ids">The tokens.</param>
/// <param name="Start">The position of the first token of the text: usually 0.</param>
public sealed record TextSequence(int Document, int Part, string Name, ValueArray<int> Ids, int Start);

/// <summary>How texts are cut into sequences.</summary>
public sealed record TextSequenceOptions
{
    /// <summary>Gets the most tokens of a sequence. Default: 256.</summary>
    public int Most { get; init; } = 256;

    /// <summary>Gets the fewest tokens of a text in a sequence; a shorter part is skipped. Default: 16.</summary>
    public int Least { get; init; } = 16;

    /// <summary>Gets a value indicating whether sequences start with <c>&lt;|endoftext|&gt;</c>, where the tokenizer
    /// has that token. Default: false.</summary>
    public bool StartsWithEndOfText { get; init; }

    /// <summary>Gets the seed of random tokens, for a model without a tokenizer. Default: 0.</summary>
    public int Seed { get; init; }

    internal void Check(int starts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Least, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Most, Least + starts);
    }
}
