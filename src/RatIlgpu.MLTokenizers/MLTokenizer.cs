using System.Text;
using RatIlgpu.Text;
using Package = Microsoft.ML.Tokenizers;

namespace RatIlgpu.MLTokenizers;

/// <summary>Lets a tokenizer of Microsoft.ML.Tokenizers serve as a model's tokenizer.</summary>
/// <remarks>It cuts texts as the wrapped tokenizer does, which may add tokens without text or leave text without
/// tokens. As many threads may use it at once as may use the wrapped one.</remarks>
public sealed class MLTokenizer : Tokenizer
{
    readonly Package.Tokenizer tokenizer;
    readonly Func<string, string> normalize;
    readonly Vocabulary vocabulary;

    /// <summary>Wraps a byte-level tokenizer, which tells what its tokens stand for.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="eosTokenId">The token that ends a text; null for none.</param>
    /// <exception cref="ArgumentException">The tokenizer is not byte-level, or has no such token.</exception>
    public MLTokenizer(Package.BpeTokenizer tokenizer, int? eosTokenId = null)
        : this(tokenizer, ByteLevelVocabulary.Of(tokenizer), eosTokenId)
    {
    }

    /// <summary>Wraps any tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="tokens">What each of its tokens stands for.</param>
    /// <param name="eosTokenId">The token that ends a text; null for none.</param>
    /// <exception cref="ArgumentException">Two tokens have the same id, an id is none, or there is no token that ends a
    /// text.</exception>
    public MLTokenizer(Package.Tokenizer tokenizer, IEnumerable<TokenText> tokens, int? eosTokenId = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(tokens);
        this.tokenizer = tokenizer;
        normalize = tokenizer.Normalizer is { } normalizer ? normalizer.Normalize : text => text;
        vocabulary = Arrange(tokens);
        if (eosTokenId is { } id && !Has(id))
            throw new ArgumentException($"MLTokenizer: eosTokenId is {id}, expected one of the tokens.");
        EosTokenId = eosTokenId;
    }

    /// <inheritdoc/>
    public override int Count => vocabulary.Count;

    /// <inheritdoc/>
    public override int? EosTokenId { get; }

    /// <summary>Loads the tokenizer of a Qwen2 checkpoint folder, from the files that <see cref="Tokenizer.Load"/>
    /// reads, as a byte-level one of Microsoft.ML.Tokenizers.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or describes a tokenizer that works
    /// differently.</exception>
    public static new Tokenizer Load(string folder)
    {
        var tables = TokenizerTables.Load(folder);
        return new MLTokenizer(Qwen2Tokenizer.Create(tables), tables.EosTokenId);
    }

    /// <inheritdoc/>
    public override TokenizedText Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = NormalizedText.Of(text, normalize);
        var tokens = new TokenList(normalized, vocabulary);
        foreach (var token in tokenizer.EncodeToTokens(normalized.Text, out _, considerNormalization: false))
            tokens.Add(token.Id, token.Offset.Start.Value, EndOfCharacter(normalized.Text, token.Offset.End.Value));
        return tokens.ToText(text);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Bytes(int id) => vocabulary[id];

    // The package ends a token one unit after the start of its last character, which may be a pair.
    static int EndOfCharacter(string text, int end) =>
        end > 0 && end < text.Length && char.IsSurrogatePair(text[end - 1], text[end]) ? end + 1 : end;

    static Vocabulary Arrange(IEnumerable<TokenText> tokens)
    {
        var arranged = new List<byte[]?>();
        foreach (var token in tokens)
        {
            if (token.Id is < 0 or > VocabularyBuilder.LargestId)
                throw new ArgumentException(
                    $"MLTokenizer: token '{token.Text}' has id {token.Id}, "
                    + $"expected an id from 0 to {VocabularyBuilder.LargestId}.");
            while (arranged.Count <= token.Id)
                arranged.Add(null);
            if (arranged[token.Id] is not null)
                throw new ArgumentException($"MLTokenizer: two tokens have id {token.Id}, expected one.");
            arranged[token.Id] = token.IsPartial ? [.. token.Bytes] : Encoding.UTF8.GetBytes(token.Text);
        }

        return new Vocabulary(arranged);
    }
}
