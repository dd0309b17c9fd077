namespace RatIlgpu.Analysis;

/// <summary>The tokens that may be drawn at random for a model: those that the model has an embedding of and the
/// tokenizer a text, without added tokens and without the most and the least frequent ones.</summary>
/// <remarks>A tokenizer of byte pairs numbers its tokens in the order of its merges, so that the id of a token tells
/// its rank in frequency. The pool takes the tokens from rank 5 % to 50 % of those with a text. Before that lie single
/// bytes, punctuation and the words of nearly every sentence, which heads treat as such; after it lie tokens that a
/// model has seldom seen in training, or never. A token whose text the tokenizer cuts otherwise, as of tokens that no
/// text has, is left out. Where fewer than 256 tokens are left, and for a model without a tokenizer, the pool is all
/// tokens with a text that are not added ones.</remarks>
public sealed class TokenPool
{
    // Two halves of the longest default repeat: below that, a middle part would make sequences shorter.
    const int FewestInMiddle = 256;

    const double From = 0.05, To = 0.5;

    TokenPool(ImmutableArray<int> ids, string rule) => (Ids, Rule) = (ids, rule);

    /// <summary>Gets the tokens, in the order of their ids.</summary>
    public ImmutableArray<int> Ids { get; }

    /// <summary>Gets the number of tokens.</summary>
    public int Count => Ids.Length;

    /// <summary>Gets the rule that chose the tokens, as a line of text.</summary>
    public string Rule { get; }

    /// <summary>Returns the pool of a model.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">The number of tokens that the model has an embedding of.</param>
    /// <exception cref="ArgumentException">No token may be drawn.</exception>
    public static TokenPool Of(Tokenizer tokenizer, int vocabularySize)
    {
        var count = int.Min(tokenizer.Count, vocabularySize);
        ImmutableArray<int> all = [.. Enumerable.Range(0, count).Where(id => IsPlain(tokenizer, id))];
        if (all.IsEmpty)
            throw new ArgumentException(FormattableString.Invariant(
                $"The tokenizer has no plain token among the {vocabularySize} of the model, expected at least one; is ")
                + "it the tokenizer of this model?");
        if (!tokenizer.EncodesTexts)
            return new(all, "all tokens of a model without a tokenizer");
        ImmutableArray<int> middle =
        [
            .. all.Skip((int)(From * all.Length)).Take((int)((To - From) * all.Length))
                .Where(id => tokenizer.TryTokenOf(tokenizer.Token(id).Text, out var found) && found == id),
        ];
        return middle.Length < FewestInMiddle
            ? new(all, "all tokens with a text that are not added tokens")
            : new(middle, FormattableString.Invariant(
                $"tokens from rank {From:P0} to {To:P0} in the order of ids, without added tokens"));
    }

    /// <summary>Returns different tokens in random order.</summary>
    /// <exception cref="ArgumentException">The pool has fewer.</exception>
    internal int[] Draw(SeededRandom random, int count) => count <= Count
        ? random.Draw(Ids, count)
        : throw new ArgumentException(FormattableString.Invariant(
            $"The pool has {Count} tokens, expected at least the {count} different ones of a sequence; ask for a ")
            + "smaller half length.");

    static bool IsPlain(Tokenizer tokenizer, int id) =>
        !tokenizer.IsAdded(id) && tokenizer.Has(id) && !tokenizer.Token(id).IsPartial;
}
