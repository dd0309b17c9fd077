namespace RatIlgpu.Text;

/// <summary>Cuts texts into words, as one of the regular expressions that checkpoints write does; bytes merge only
/// within a word.</summary>
abstract class Pretokenizer
{
    /// <summary>The regular expression of Qwen2; its successive matches are the words.</summary>
    public const string Qwen2Pattern = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + QwenTail;

    /// <summary>The regular expression of Llama 3, whose words have up to three digits.</summary>
    public const string Llama3Pattern = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + QwenTail;

    /// <summary>The regular expression of Qwen3.5, in which a mark is like a letter.</summary>
    public const string MarksPattern = Contractions
        + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + Spaces;

    /// <summary>The regular expression of GPT-2, which a byte-level step uses by itself.</summary>
    public const string Gpt2Pattern =
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The regular expression of Mistral's Tekken, which also cuts before a capital letter.</summary>
    public const string TekkenPattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
        + @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}|"
        + @" ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Spaces;

    const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    const string Spaces = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    const string QwenTail = @" ?[^\s\p{L}\p{N}]+[\r\n]*|" + Spaces;

    /// <summary>Gets the pretokenizer of <see cref="Qwen2Pattern"/>.</summary>
    public static Pretokenizer Qwen2 { get; } = new QwenPretokenizer(mostDigits: 1, marksAreLetters: false);

    /// <summary>Gets the pretokenizer of <see cref="Gpt2Pattern"/>.</summary>
    public static Pretokenizer Gpt2 { get; } = new Gpt2Pretokenizer();

    static readonly Dictionary<string, Pretokenizer> Known = new()
    {
        [Qwen2Pattern] = Qwen2,
        [Llama3Pattern] = new QwenPretokenizer(mostDigits: 3, marksAreLetters: false),
        [MarksPattern] = new QwenPretokenizer(mostDigits: 1, marksAreLetters: true),
        [Gpt2Pattern] = Gpt2,
        [TekkenPattern] = new TekkenPretokenizer(),
    };

    /// <summary>Returns the pretokenizer of a regular expression; null if it is none of those above.</summary>
    public static Pretokenizer? Of(string pattern) => Known.GetValueOrDefault(pattern);

    /// <summary>Returns the length of a text's first word, in UTF-16 units.</summary>
    /// <param name="text">At least one character; every surrogate is half of a pair.</param>
    public abstract int FirstWord(ReadOnlySpan<char> text);

    // 's|'t|'re|'ve|'m|'ll|'d in small letters.
    static protected int SmallContraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'')
            return 0;
        if (text[1] is 's' or 't' or 'm' or 'd')
            return 2;
        if (text.Length < 3)
            return 0;
        return (text[1], text[2]) is ('r' or 'v', 'e') or ('l', 'l') ? 3 : 0;
    }

    // \s*[\r\n]+|\s+(?!\S)|\s+ on the run of spaces at the start of a text, each of one unit. The word ends after the
    // last line end; a run without line ends is that of OneSpaceLeft.
    static protected int SpacesWithLineEnds(ReadOnlySpan<char> text)
    {
        var run = Characters.EndOfRun(text, 0, CharacterKind.Space);
        var lineEnd = text[..run].LastIndexOfAny('\r', '\n');
        return lineEnd >= 0 ? lineEnd + 1 : OneSpaceLeft(run, text.Length);
    }

    // \s+(?!\S)|\s+: the run leaves its last space to the next word, unless that is the only space or ends the text.
    static protected int OneSpaceLeft(int run, int textLength) => run == 1 || run == textLength ? run : run - 1;
}
