namespace RatIlgpu.Analysis;

/// <summary>Makes sequences in which different random tokens come several times in the same order, on which induction
/// and duplicate-token heads show.</summary>
/// <remarks>After Olsson et al., In-context learning and induction heads, 2022. The number of different tokens is drawn
/// for each sequence, so that a head that looks a fixed distance back does not pass for an induction head.</remarks>
public sealed class RepeatedSequences
{
    readonly RepeatedSequenceOptions options;
    readonly SequenceStart start;
    readonly int least;
    readonly int most;

    /// <summary>Prepares to make sequences for a model.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">The number of tokens that the model has an embedding of.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">There are fewer than two tokens to draw from.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public RepeatedSequences(Tokenizer tokenizer, int vocabularySize, RepeatedSequenceOptions? options = null)
        : this(TokenPool.Of(tokenizer, vocabularySize), tokenizer, vocabularySize, options ?? new())
    {
    }

    internal RepeatedSequences(
        TokenPool pool, Tokenizer tokenizer, int vocabularySize, RepeatedSequenceOptions options)
    {
        options.Check();
        (Pool, this.options) = (pool, options);
        if (pool.Count < 2)
            throw new ArgumentException(FormattableString.Invariant(
                $"The pool has {pool.Count} token, expected at least 2 to make a sequence of; repeats cannot be made ")
                + "for this model.");
        start = SequenceStart.Of(tokenizer, vocabularySize, options.StartsWithEndOfText);
        (least, most) = (options.LeastHalfLength, options.MostHalfLength);
        Warnings = start.Warning is { } missing ? [missing] : [];
        if (most <= pool.Count)
            return;
        // The same share of the longest, so that lengths still differ.
        (least, most) = (int.Max(2, (int)((long)least * pool.Count / most)), pool.Count);
        Warnings = Warnings.Add(FormattableString.Invariant(
            $"The model has {pool.Count} tokens to draw from, and {options.MostHalfLength} different ones were asked ")
            + FormattableString.Invariant($"for; half lengths are {least} to {most}."));
    }

    /// <summary>Gets the tokens to draw from.</summary>
    public TokenPool Pool { get; }

    /// <summary>Gets what differs from the options, a sentence each; usually nothing.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Returns a sequence, which is the same for the same model, options and number.</summary>
    /// <param name="number">The number of the sequence; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public RepeatedSequence Make(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var random = new SeededRandom(options.Seed, "repeated", number);
        var half = Pool.Draw(random, random.Between(least, most));
        return new(
            [.. start.Ids, .. Enumerable.Repeat(half, options.Repeats).SelectMany(ids => ids)],
            start.Ids.Length,
            half.Length,
            options.Repeats);
    }
}

/// <summary>A sequence in which different random tokens come several times in the same order.</summary>
/// <param name="Ids">The tokens: those before the first of the repeats, then the repeats.</param>
/// <param name="Start">The position of the first token of the repeats: usually 0, and 1 after
/// <c>&lt;|endoftext|&gt;</c>.</param>
/// <param name="HalfLength">The number N of different tokens: the token at position <c>Start + k</c> comes again at
/// <c>Start + N + k</c>.</param>
/// <param name="Repeats">How many times each token comes.</param>
public sealed record RepeatedSequence(ValueArray<int> Ids, int Start, int HalfLength, int Repeats);

/// <summary>How sequences with repeats are made.</summary>
public sealed record RepeatedSequenceOptions
{
    /// <summary>Gets the seed. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many times each token comes; at least 2. Default: 2.</summary>
    public int Repeats { get; init; } = 2;

    /// <summary>Gets the least number of different tokens; at least 2. Default: 64.</summary>
    public int LeastHalfLength { get; init; } = 64;

    /// <summary>Gets the largest number of different tokens; at least the least. Default: 128.</summary>
    public int MostHalfLength { get; init; } = 128;

    /// <summary>Gets a value indicating whether sequences start with <c>&lt;|endoftext|&gt;</c>, where the tokenizer
    /// has that token. Default: false.</summary>
    public bool StartsWithEndOfText { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Repeats, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeastHalfLength, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostHalfLength, LeastHalfLength);
    }
}
