namespace RatIlgpu.Analysis;

/// <summary>Tells which tokens are delimiters, and of which class, by the texts of the whole vocabulary.</summary>
/// <remarks>A token is a delimiter if its text, without spaces and line ends, has delimiters alone. Of several classes
/// in one token, an operator counts before the end of a sentence, that before a comma, and that before a bracket or a
/// quote: <c>!=</c> is an operator, <c>).</c> ends a sentence, and <c>),</c> is a comma. A token of spaces and line
/// ends with at least one line end is a newline.</remarks>
public sealed class DelimiterClasses
{
    const string SentenceEnds = ".!?…。！？．।؟۔";
    const string Commas = ",;:，；：、،؛";
    const string BracketsAndQuotes = "()[]{}\"'`«»“”„‘’‚‹›（）［］｛｝「」『』【】《》〈〉〔〕";
    const string Operators = "+-*/%=<>&|^~";

    readonly DelimiterClass[] classes;
    readonly WordEdges[] edges;

    DelimiterClasses(Tokenizer tokenizer, int count)
    {
        classes = new DelimiterClass[count];
        edges = new WordEdges[count];
        for (var id = 0; id < int.Min(count, tokenizer.Count); id++)
            if (!tokenizer.IsAdded(id) && tokenizer.Token(id) is { Text.Length: > 0 } token)
                (classes[id], edges[id]) = (ClassOf(token.Text), EdgesOf(token.Text));
    }

    /// <summary>Gets the class of a token; <see cref="DelimiterClass.None"/> for one that the model does not
    /// have.</summary>
    /// <param name="id">Any number.</param>
    public DelimiterClass this[int id] => (uint)id < (uint)classes.Length ? classes[id] : DelimiterClass.None;

    /// <summary>Scans a vocabulary. Without a tokenizer, no token is a delimiter or part of a word.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">The number of tokens that the model has an embedding of.</param>
    public static DelimiterClasses Of(Tokenizer tokenizer, int vocabularySize) =>
        new(tokenizer, tokenizer.EncodesTexts ? vocabularySize : 0);

    /// <summary>Returns the class of a text.</summary>
    /// <param name="text">The text of a token.</param>
    public static DelimiterClass ClassOf(string text)
    {
        var kind = DelimiterClass.None;
        var hasLineEnd = false;
        foreach (var character in text)
        {
            hasLineEnd |= character is '\n' or '\r';
            if (char.IsWhiteSpace(character))
                continue;
            var own = ClassOf(character);
            if (own == DelimiterClass.None)
                return own;
            kind = own > kind ? own : kind;
        }

        return kind == DelimiterClass.None && hasLineEnd ? DelimiterClass.Newline : kind;
    }

    /// <summary>Returns the tokens of a class, in the order of their ids.</summary>
    /// <param name="kind">The class.</param>
    public ImmutableArray<int> Ids(DelimiterClass kind) =>
        [.. Enumerable.Range(0, classes.Length).Where(id => classes[id] == kind)];

    /// <summary>Tells whether a token begins with a white space: inside a text, a word's first token
    /// does.</summary>
    /// <param name="id">Any number.</param>
    public bool StartsWithSpace(int id) => Has(id, WordEdges.StartsWithSpace);

    /// <summary>Tells whether a token goes on with the word that the token before it began: that one ends, and this one
    /// begins, with a letter, a digit or a mark.</summary>
    /// <param name="before">The token before; any number.</param>
    /// <param name="id">The token; any number.</param>
    /// <remarks>In scripts without spaces, every token after another is inside a word. A token that is part of a
    /// character counts as part of a word.</remarks>
    public bool ContinuesWord(int before, int id) =>
        Has(before, WordEdges.EndsInWord) && Has(id, WordEdges.StartsInWord);

    bool Has(int id, WordEdges edge) => (uint)id < (uint)edges.Length && edges[id].HasFlag(edge);

    static DelimiterClass ClassOf(char character) =>
        Operators.Contains(character) ? DelimiterClass.Operator
        : SentenceEnds.Contains(character) ? DelimiterClass.SentenceEnd
        : Commas.Contains(character) ? DelimiterClass.Comma
        : BracketsAndQuotes.Contains(character) ? DelimiterClass.BracketOrQuote
        : DelimiterClass.None;

    static WordEdges EdgesOf(string text) =>
        (char.IsWhiteSpace(text[0]) ? WordEdges.StartsWithSpace : 0)
        | (IsOfWord(text[0]) ? WordEdges.StartsInWord : 0)
        | (IsOfWord(text[^1]) ? WordEdges.EndsInWord : 0);

    // U+FFFD stands for part of a character; half of a surrogate pair is nearly always a letter or a sign.
    static bool IsOfWord(char character) => char.IsLetterOrDigit(character) || character == '\uFFFD'
        || char.IsSurrogate(character) || char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark;

    [Flags]
    enum WordEdges : byte
    {
        StartsWithSpace = 1,
        StartsInWord = 2,
        EndsInWord = 4,
    }
}

/// <summary>The classes of delimiters; of two in one token, the later one counts.</summary>
public enum DelimiterClass
{
    /// <summary>No delimiter.</summary>
    None,

    /// <summary>Line ends, with or without spaces.</summary>
    Newline,

    /// <summary>Brackets and quotes.</summary>
    BracketOrQuote,

    /// <summary>A comma, a semicolon or a colon.</summary>
    Comma,

    /// <summary>The end of a sentence: a full stop, a question or exclamation mark, or an ellipsis.</summary>
    SentenceEnd,

    /// <summary>An operator of code, such as <c>=</c> or <c>-&gt;</c>.</summary>
    Operator,
}
